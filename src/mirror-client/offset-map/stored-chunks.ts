import { decodeChunk, type MapChunk, type MapPart, type PartHead } from './map-chunk.ts'

/** A part without what is in it. */
export interface PartSummary extends PartHead {
  readonly to: bigint
  readonly dEnd: bigint
}

/** A chunk as it was read: encoded, with a summary made when it is first asked for. */
export interface StoredChunk {
  readonly generation: number
  readonly number: number
  readonly value: Buffer
  summary: (Omit<MapChunk, 'parts'> & { readonly parts: readonly PartSummary[] }) | undefined
}

/** Decodes on demand and keeps the last one: whoever asks for a position asks for more of the same partition. */
export class ChunkReader {
  readonly #onInvalid: (error: unknown) => void
  #value: Buffer | undefined
  #chunk: MapChunk = nothing

  constructor(onInvalid: (error: unknown) => void) {
    this.#onInvalid = onInvalid
  }

  /** A malformed chunk has no parts. */
  parts({ value }: StoredChunk): readonly MapPart[] {
    return this.#read(value).parts
  }

  summary(chunk: StoredChunk): Omit<MapChunk, 'parts'> & { readonly parts: readonly PartSummary[] } {
    if (chunk.summary !== undefined) return chunk.summary
    const { sourceTopicId, targetTopicId, parts } = this.#read(chunk.value)
    const heads = parts.map(({ isContinued, reason, from, d, backlog, to, dEnd }): PartSummary => {
      return { isContinued, reason, from, d, backlog, to, dEnd }
    })
    chunk.summary = { sourceTopicId, targetTopicId, parts: heads }
    return chunk.summary
  }

  #read(value: Buffer): MapChunk {
    if (value === this.#value) return this.#chunk
    this.#value = value
    try {
      this.#chunk = decodeChunk(value)
    } catch (thrown) {
      this.#chunk = nothing
      this.#onInvalid(thrown)
    }
    return this.#chunk
  }
}

const nothing: MapChunk = { sourceTopicId: null, targetTopicId: null, parts: [] }

/** The chunks of one source partition that the topic holds, in the order in which they were begun. */
export class StoredChunks {
  /** The newest writer generation that was ever seen; -1: none. */
  newestGeneration = -1
  /** Another one after each change. */
  version = 0
  readonly #chunks: StoredChunk[] = []

  get all(): readonly StoredChunk[] {
    return this.#chunks
  }

  /** A null value removes. The value is copied. */
  put(generation: number, number: number, value: Buffer | null): void {
    this.newestGeneration = Math.max(this.newestGeneration, generation)
    this.version++
    // From the end: it is the newest that is written again and again.
    let index = this.#chunks.length
    for (; index > 0; index--) {
      const before = this.#chunks[index - 1]
      if (before === undefined || isBefore(before, generation, number)) break
    }
    const isKnown = this.#chunks[index]?.generation === generation && this.#chunks[index]?.number === number
    if (value === null) {
      if (isKnown) this.#chunks.splice(index, 1)
      return
    }
    // Not out of the shared pool: a few bytes that stay would keep eight thousand.
    const copy = Buffer.allocUnsafeSlow(value.length)
    value.copy(copy)
    this.#chunks.splice(index, isKnown ? 1 : 0, { generation, number, value: copy, summary: undefined })
  }
}

function isBefore(chunk: StoredChunk, generation: number, number: number): boolean {
  return chunk.generation === generation ? chunk.number < number : chunk.generation < generation
}
