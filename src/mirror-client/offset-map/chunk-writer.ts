import { ChunkBuilder } from './chunk-builder.ts'
import { ChunkOutbox, type ClosedChunk, type MapRecord } from './chunk-outbox.ts'
import { type ChunkKey, type MapPart } from './map-chunk.ts'
import { type HoleItem } from './map-items.ts'
import { type TopicIds } from './map-passes.ts'
import { type StoredChunk } from './stored-chunks.ts'

/** A chunk has at most this many bytes. */
const maxChunkBytes = 4096
/** A chunk that is written with so many bytes is the last time: smaller ones cost less when they are written again. */
const closeFromBytes = 1024
const maxChunks = 4096

/**
 * The chunks of one partition as they are written: the newest grows and is written again, those before it are closed. Knows
 * nothing of what passes mean.
 */
export class ChunkWriter {
  #ids: TopicIds
  readonly #outbox: ChunkOutbox
  #newest = new ChunkBuilder()
  /** The newest is to be written: it differs from what was taken last. Whoever changes it says so. */
  isNewestDirty = false
  /** The newest was taken and is not to grow any more. */
  #isFull = false

  /** `closed`: what earlier generations left, oldest first. */
  constructor(key: Omit<ChunkKey, 'number'>, closed: readonly ClosedChunk[], ids: TopicIds) {
    this.#ids = ids
    this.#outbox = new ChunkOutbox(key, closed, maxChunks)
  }

  get newest(): ChunkBuilder {
    return this.#newest
  }

  get isDirty(): boolean {
    return this.isNewestDirty || this.#outbox.hasUnwritten
  }

  /** Goes on in a chunk that was stored, with these parts, as one of this generation. False: it is full. */
  adopt({ generation, number, value }: StoredChunk, parts: readonly MapPart[]): boolean {
    if (value.length >= closeFromBytes) return false
    for (const part of parts) this.#newest.adopt(part)
    this.discard((chunk) => chunk.generation === generation && chunk.number === number)
    return true
  }

  /** Whether the newest has to be closed before it grows. `tail`: what is to be added to it first. */
  isFull(tail: { readonly isEmpty: boolean; readonly maxBytes: number }): boolean {
    if (this.#newest.isLong || this.#newest.maxBytes + tail.maxBytes > maxChunkBytes) return true
    return this.#isFull && tail.isEmpty
  }

  /** The newest ends at target offset `dEnd`, and another one begins. */
  close(dEnd: bigint): void {
    this.#outbox.close(this.isNewestDirty ? this.#newest.encode(this.#ids) : undefined, this.#newest.firstD, dEnd)
    this.#begin()
  }

  /** Nothing from target offset `d` on is true any more: another chunk begins there. Readers cut those before it at that offset. */
  cut(d: bigint): void {
    if (this.#newest.firstD < d) this.close(d)
    this.discard((chunk) => chunk.d >= d)
    this.#begin()
  }

  /** Closed chunks that `isGone` holds for are deleted with what is taken next. */
  discard(isGone: (chunk: ClosedChunk) => boolean): void {
    this.#outbox.discard(isGone)
  }

  /** What comes from now on was read from another topic; to be called where a chunk begins. */
  readFrom(sourceTopicId: Buffer | null): void {
    this.#ids = { ...this.#ids, sourceTopicId }
  }

  /**
   * Records to append since the last call. To be followed by `written` or `restore`.
   * @param tail what stands behind the newest for now, and is not in it
   */
  take(tail: readonly HoleItem[]): MapRecord[] {
    const newest = this.isNewestDirty ? this.#newest.encode(this.#ids, tail) : undefined
    if (newest !== undefined && newest.length >= closeFromBytes) this.#isFull = true
    this.isNewestDirty = false
    return this.#outbox.take(newest)
  }

  /** What the last `take` returned is written. */
  written(): void {
    this.#outbox.written()
  }

  /** What the last `take` returned could not be written. */
  restore(): void {
    if (this.#outbox.restore()) this.isNewestDirty = true
  }

  /** Tombstones for what the target's log no longer holds, and for the oldest beyond the bound. Not repeated. */
  prune(targetLogStart: bigint): MapRecord[] {
    return this.#outbox.prune(targetLogStart)
  }

  #begin(): void {
    this.#newest = new ChunkBuilder()
    this.#isFull = false
  }
}
