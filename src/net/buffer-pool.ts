import { type FrameMemory } from './connection.ts'

/**
 * One buffer with a count of those who use it: who took it, while it is filled, and everybody who retained what is in it.
 * At zero it goes back to its pool.
 */
export class PooledBuffer implements FrameMemory {
  readonly bytes: Buffer
  readonly #released: (buffer: PooledBuffer) => void
  #references = 1

  constructor(bytes: Buffer, released: (buffer: PooledBuffer) => void) {
    this.bytes = bytes
    this.#released = released
  }

  /** Whether only who took it holds it, so that bytes already delivered may be overwritten. */
  get unshared(): boolean {
    return this.#references === 1
  }

  retain(): void {
    if (this.#references === 0) throw new Error('Pooled buffer retained after its last release')
    this.#references += 1
  }

  release(): void {
    if (this.#references === 0) throw new Error('Pooled buffer released more often than retained')
    this.#references -= 1
    if (this.#references === 0) this.#released(this)
  }
}

export interface BufferPoolLimits {
  /** Size of an ordinary buffer; what is longer gets a buffer of its own length. */
  readonly bufferBytes: number
  /**
   * Used and free buffers together. Above it free ones are dropped, and the frames of a connection should be copied out of
   * their buffer, so that small survivors cannot pin ever more large buffers.
   */
  readonly pooledBytes: number
}

/**
 * Buffers that are used again and again: fresh ones cost twice the CPU (page faults, and memory outside of the heap makes the
 * garbage collector run) and, as they go only with the next collection, twice the memory (measured with 16 MiB frames).
 */
export class BufferPool {
  readonly #limits: BufferPoolLimits
  /** Oldest first. The newest is taken first, its pages are the likeliest to be in cache. */
  readonly #free: Buffer[] = []
  #freeBytes = 0
  #usedBytes = 0

  constructor(limits: BufferPoolLimits) {
    this.#limits = limits
  }

  get freeBytes(): number {
    return this.#freeBytes
  }

  /** Bytes of all buffers that somebody still reads from, the one being filled included. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Whether so much is pinned that further frames should be copied out of their buffer instead of pinning it. */
  get exhausted(): boolean {
    return this.#usedBytes > this.#limits.pooledBytes
  }

  /** Whether it was made for something longer than usual. */
  isOversized({ bytes }: PooledBuffer): boolean {
    return bytes.length > this.#limits.bufferBytes
  }

  /** A buffer of at least `minBytes`, held once. */
  take(minBytes: number): PooledBuffer {
    const index = this.#free.findLastIndex((bytes) => bytes.length >= minBytes)
    const [bytes = this.#allocate(minBytes)] = index < 0 ? [] : this.#free.splice(index, 1)
    if (index >= 0) this.#freeBytes -= bytes.length
    this.#usedBytes += bytes.length
    return new PooledBuffer(bytes, (buffer) => {
      this.#give(buffer.bytes)
    })
  }

  #allocate(minBytes: number): Buffer {
    return Buffer.allocUnsafeSlow(Math.max(this.#limits.bufferBytes, minBytes))
  }

  #give(bytes: Buffer): void {
    this.#usedBytes -= bytes.length
    this.#free.push(bytes)
    this.#freeBytes += bytes.length
    // The oldest go first: after a spell of long frames their buffers leave as soon as ordinary ones come back.
    while (this.#freeBytes > 0 && this.#usedBytes + this.#freeBytes > this.#limits.pooledBytes) {
      this.#freeBytes -= this.#free.shift()?.length ?? this.#freeBytes
    }
  }
}

/** Memory that belongs to one owner alone: nothing is reused, the garbage collector takes it. */
export const unpooledMemory: FrameMemory = { retain: () => undefined, release: () => undefined }
