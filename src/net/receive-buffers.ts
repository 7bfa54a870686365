import { type FrameMemory } from './connection.ts'

/**
 * One receive buffer with a count of those who still read from it: the receiver while it fills it, and everybody who
 * retained a frame in it. At zero it goes back to its pool.
 */
export class ReceiveBuffer implements FrameMemory {
  readonly bytes: Buffer
  readonly #released: (buffer: ReceiveBuffer) => void
  #references = 1

  constructor(bytes: Buffer, released: (buffer: ReceiveBuffer) => void) {
    this.bytes = bytes
    this.#released = released
  }

  /** Whether only the receiver holds it, so that bytes already delivered may be overwritten. */
  get unshared(): boolean {
    return this.#references === 1
  }

  retain(): void {
    if (this.#references === 0) throw new Error('Receive buffer retained after its last release')
    this.#references += 1
  }

  release(): void {
    if (this.#references === 0) throw new Error('Receive buffer released more often than retained')
    this.#references -= 1
    if (this.#references === 0) this.#released(this)
  }
}

export interface ReceiveBufferLimits {
  /** Size of an ordinary buffer; a frame that is longer gets a buffer of its own length. */
  readonly bufferBytes: number
  /**
   * Used and free buffers together. Above it free ones are dropped, and frames should be copied out of their buffer,
   * so that small survivors cannot pin ever more large buffers.
   */
  readonly pooledBytes: number
}

/**
 * Receive buffers of one connection, used again and again: fresh ones cost twice the CPU (page faults) and, as they go
 * only with the next garbage collection, twice the memory (measured with 16 MiB frames).
 */
export class ReceiveBuffers {
  readonly #limits: ReceiveBufferLimits
  /** Oldest first. The newest is taken first, its pages are the likeliest to be in cache. */
  readonly #free: Buffer[] = []
  #freeBytes = 0
  #usedBytes = 0

  constructor(limits: ReceiveBufferLimits) {
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

  /** A buffer of at least `minBytes`, held once. */
  take(minBytes: number): ReceiveBuffer {
    const index = this.#free.findLastIndex((bytes) => bytes.length >= minBytes)
    const [bytes = this.#allocate(minBytes)] = index < 0 ? [] : this.#free.splice(index, 1)
    if (index >= 0) this.#freeBytes -= bytes.length
    this.#usedBytes += bytes.length
    return new ReceiveBuffer(bytes, (buffer) => {
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

/** Memory that belongs to its frame alone: nothing is reused, the garbage collector takes it. */
export const unpooledMemory: FrameMemory = { retain: () => undefined, release: () => undefined }
