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

/** The chunks of a partition: which are there, which are to be written, and which are to go. */
export class ChunkOutbox {
  readonly #key: Omit<ChunkKey, 'number'>
  readonly #maxChunks: number
  /** Oldest first. */
  #closed: ClosedChunk[]
  /** By number. Closed, but not yet taken. */
  #unwritten = new Map<number, Buffer>()
  #obsolete: ClosedChunk[] = []
  #taken: { readonly values: ReadonlyMap<number, Buffer>; readonly obsolete: readonly ClosedChunk[] } | undefined
  #number = 0

  /** `closed`: what earlier generations left, oldest first. */
  constructor(key: Omit<ChunkKey, 'number'>, closed: readonly ClosedChunk[], maxChunks: number) {
    this.#key = key
    this.#closed = [...closed]
    this.#maxChunks = maxChunks
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0
  }

  /** The newest chunk is full, the next one begins. `value`: undefined when the last take had it already. */
  close(value: Buffer | undefined, d: bigint, dEnd: bigint): void {
    if (value !== undefined) this.#unwritten.set(this.#number, value)
    this.#closed.push({ generation: this.#key.generation, number: this.#number, d, dEnd })
    this.#number++
  }

  /** Chunks that `isGone` holds for are deleted with what is taken next. */
  discard(isGone: (chunk: ClosedChunk) => boolean): void {
    const kept: ClosedChunk[] = []
    for (const chunk of this.#closed) {
      if (!isGone(chunk)) kept.push(chunk)
      else {
        this.#obsolete.push(chunk)
        if (chunk.generation === this.#key.generation) this.#unwritten.delete(chunk.number)
      }
    }
    this.#closed = kept
  }

  /** `newest`: undefined when it has not changed. Deletes come last: what they delete is in the chunks before them. */
  take(newest: Buffer | undefined): MapRecord[] {
    if (newest === undefined && !this.hasUnwritten) {
      this.#taken = undefined
      return []
    }
    const values = this.#unwritten
    if (newest !== undefined) values.set(this.#number, newest)
    const obsolete = this.#obsolete
    this.#taken = { values, obsolete }
    this.#unwritten = new Map()
    this.#obsolete = []
    const { generation } = this.#key
    return [
      ...[...values].map(([number, value]) => ({ key: encodeChunkKey({ ...this.#key, generation, number }), value })),
      ...obsolete.map((chunk) => this.#tombstone(chunk))
    ]
  }

  /** What the last take returned is to be taken again. Returns whether the newest chunk was among it. */
  restore(): boolean {
    if (this.#taken === undefined) return false
    const { values, obsolete } = this.#taken
    this.#taken = undefined
    this.#obsolete = [...obsolete, ...this.#obsolete]
    let hasNewest = false
    const restored = new Map<number, Buffer>()
    for (const [number, value] of values) {
      if (number === this.#number) hasNewest = true
      else restored.set(number, value)
    }
    for (const [number, value] of this.#unwritten) restored.set(number, value)
    this.#unwritten = restored
    return hasNewest
  }

  /** Deletes of what lies below `targetLogStart`, and of the oldest chunks where there are too many. */
  prune(targetLogStart: bigint): MapRecord[] {
    let count = 0
    for (const { dEnd } of this.#closed) {
      if (dEnd > targetLogStart && this.#closed.length - count < this.#maxChunks) break
      count++
    }
    const pruned = this.#closed.splice(0, count)
    for (const { generation, number } of pruned) if (generation === this.#key.generation) this.#unwritten.delete(number)
    return pruned.map((chunk) => this.#tombstone(chunk))
  }

  #tombstone({ generation, number }: ClosedChunk): MapRecord {
    return { key: encodeChunkKey({ ...this.#key, generation, number }), value: null }
  }
}
