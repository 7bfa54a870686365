import { type ChunkKey, encodeChunkKey } from './map-chunk.ts'

export interface MapRecord {
  readonly key: Buffer
  /** Null: a tombstone. */
  readonly value: Buffer | null
}

/** A chunk that is not written any more. */
export interface ClosedChunk {
  readonly generation: number
  readonly number: number
  /** Target offsets that it is about. */
  readonly d: bigint
  readonly dEnd: bigint
}

interface ChunkValue {
  readonly number: number
  readonly value: Buffer
}

/** The chunks of a partition: which are there, which are to be written, and which are to go. */
export class ChunkOutbox {
  readonly #key: Omit<ChunkKey, 'number'>
  readonly #maxChunks: number
  /** Oldest first. */
  #closed: ClosedChunk[]
  /** By number. Closed, but not yet taken. */
  #unwritten: readonly ChunkValue[] = []
  #obsolete: readonly ClosedChunk[] = []
  #taken: { readonly values: readonly ChunkValue[]; readonly obsolete: readonly ClosedChunk[] } | undefined
  #number = 0

  /** `closed`: what earlier generations left, oldest first. */
  constructor(key: Omit<ChunkKey, 'number'>, closed: readonly ClosedChunk[], maxChunks: number) {
    this.#key = key
    this.#closed = [...closed]
    this.#maxChunks = maxChunks
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.length > 0
  }

  /** The newest chunk is full, the next one begins. `value`: undefined when the last take had it already. */
  close(value: Buffer | undefined, d: bigint, dEnd: bigint): void {
    if (value !== undefined) this.#unwritten = [...this.#unwritten, { number: this.#number, value }]
    this.#closed.push({ generation: this.#key.generation, number: this.#number, d, dEnd })
    this.#number++
  }

  /** Chunks that `isGone` holds for are deleted with what is taken next. */
  discard(isGone: (chunk: ClosedChunk) => boolean): void {
    const gone = this.#closed.filter(isGone)
    if (gone.length === 0) return
    this.#closed = this.#closed.filter((chunk) => !gone.includes(chunk))
    this.#obsolete = [...this.#obsolete, ...gone]
    this.#leaveUnwritten(gone)
  }

  /** `newest`: undefined when it has not changed. Deletes come last: what they delete is in the chunks before them. */
  take(newest: Buffer | undefined): MapRecord[] {
    if (newest === undefined && !this.hasUnwritten) {
      this.#taken = undefined
      return []
    }
    const values =
      newest === undefined ? this.#unwritten : [...this.#unwritten, { number: this.#number, value: newest }]
    const obsolete = this.#obsolete
    this.#taken = { values, obsolete }
    this.#unwritten = []
    this.#obsolete = []
    return [
      ...values.map(({ number, value }) => ({ key: encodeChunkKey({ ...this.#key, number }), value })),
      ...obsolete.map((chunk) => this.#tombstone(chunk))
    ]
  }

  /** What the last take returned is written. */
  written(): void {
    this.#taken = undefined
  }

  /** What the last take returned is to be taken again. Returns whether the newest chunk was among it. */
  restore(): boolean {
    if (this.#taken === undefined) return false
    const { values, obsolete } = this.#taken
    this.#taken = undefined
    this.#obsolete = [...obsolete, ...this.#obsolete]
    const newer = this.#unwritten
    const isOpen = ({ number }: ChunkValue): boolean => number === this.#number
    const isReplaced = (taken: ChunkValue): boolean => newer.some(({ number }) => number === taken.number)
    this.#unwritten = [...values.filter((taken) => !isOpen(taken) && !isReplaced(taken)), ...newer]
    return values.some(isOpen)
  }

  /** Deletes of what lies below `targetLogStart`, and of the oldest chunks where there are too many. */
  prune(targetLogStart: bigint): MapRecord[] {
    let count = 0
    for (const { dEnd } of this.#closed) {
      if (dEnd > targetLogStart && this.#closed.length - count < this.#maxChunks) break
      count++
    }
    const pruned = this.#closed.splice(0, count)
    this.#leaveUnwritten(pruned)
    return pruned.map((chunk) => this.#tombstone(chunk))
  }

  #leaveUnwritten(chunks: readonly ClosedChunk[]): void {
    if (this.#unwritten.length === 0) return
    const numbers = chunks.filter(({ generation }) => generation === this.#key.generation).map(({ number }) => number)
    this.#unwritten = this.#unwritten.filter(({ number }) => !numbers.includes(number))
  }

  #tombstone({ generation, number }: ClosedChunk): MapRecord {
    return { key: encodeChunkKey({ ...this.#key, generation, number }), value: null }
  }
}
