import { MirrorError } from '../base/errors.ts'
import { type FrameMemory } from './connection.ts'
import { type PooledBuffer, type BufferPool } from './buffer-pool.ts'

export interface FrameReceiverOptions {
  readonly buffers: BufferPool
  readonly maxFrameBytes: number
  /** Most bytes taken from the socket at once. */
  readonly windowBytes: number
  /** A frame without its length field. Whoever needs it beyond this call retains `memory` before returning. */
  readonly onFrame: (frame: Buffer, memory: FrameMemory) => void
}

const lengthBytes = 4

/**
 * Cuts the byte stream of a connection into frames: INT32 length, then so many bytes. The socket reads straight into
 * the buffers handed out here and every frame is contiguous, so bytes are copied only when a frame straddles the end
 * of a buffer.
 *
 *   |<- delivered frames ->|<- start of a frame ->|<------- next window ------->|
 *   0                   #start                  #end                       bytes.length
 *
 * Node asks for the next window in the same turn that delivered the last one, before any promise continues. A frame
 * must therefore be retained inside `onFrame`; after that its bytes may be overwritten.
 */
export class FrameReceiver {
  readonly #options: FrameReceiverOptions
  #buffer: PooledBuffer
  #start = 0
  #end = 0
  /** Length of the frame at #start with its length field; 0 while that is not yet known. */
  #frameBytes = 0

  constructor(options: FrameReceiverOptions) {
    this.#options = options
    this.#buffer = options.buffers.take(0)
  }

  /** Where the next bytes go. Call `received` with their number before asking again. */
  window(): Buffer {
    const { windowBytes } = this.#options
    if (this.#start === this.#end && this.#buffer.unshared) this.#rewind()
    const size = this.#buffer.bytes.length
    const fits = this.#frameBytes > 0 ? this.#start + this.#frameBytes <= size : size - this.#end >= windowBytes / 16
    if (!fits) this.#move()
    return this.#buffer.bytes.subarray(this.#end, this.#end + windowBytes)
  }

  /** Delivers the frames that `count` more bytes complete. Throws MIRROR_PROTOCOL for an impossible length. */
  received(count: number): void {
    this.#end += count
    while (this.#end - this.#start >= lengthBytes) {
      this.#frameBytes = lengthBytes + this.#readLength()
      if (this.#end - this.#start < this.#frameBytes) return
      const frame = this.#buffer.bytes.subarray(this.#start + lengthBytes, this.#start + this.#frameBytes)
      this.#start += this.#frameBytes
      this.#frameBytes = 0
      this.#options.onFrame(frame, this.#buffer)
    }
  }

  #readLength(): number {
    const length = this.#buffer.bytes.readInt32BE(this.#start)
    if (length >= 0 && length <= this.#options.maxFrameBytes) return length
    const head = this.#buffer.bytes.toString('latin1', this.#start, this.#start + lengthBytes)
    throw new MirrorError(
      'MIRROR_PROTOCOL',
      `Frame of ${length} bytes, at most ${this.#options.maxFrameBytes} are taken${hint(head)}`
    )
  }

  /** A buffer that was taken for one long frame would else be kept for all the short ones after it. */
  #rewind(): void {
    const { buffers } = this.#options
    if (buffers.isOversized(this.#buffer)) {
      this.#buffer.release()
      this.#buffer = buffers.take(0)
    }
    this.#start = this.#end = 0
  }

  /** Goes on in another buffer, or at the front of this one when nobody reads from it, with the frame begun so far. */
  #move(): void {
    const old = this.#buffer
    const begun = this.#end - this.#start
    const needed = Math.max(this.#frameBytes, begun + lengthBytes)
    if (!(old.unshared && needed <= old.bytes.length && this.#start > 0))
      this.#buffer = this.#options.buffers.take(needed)
    old.bytes.copy(this.#buffer.bytes, 0, this.#start, this.#end)
    this.#start = 0
    this.#end = begun
    if (old !== this.#buffer) old.release()
  }
}

/** What usually stands behind the four bytes when the peer does not speak Kafka. */
function hint(head: string): string {
  if (head === 'HTTP') return '; the peer speaks HTTP: is this the port of a Kafka broker?'
  if (head.startsWith('\u0015\u0003')) return '; the peer speaks TLS: set security.protocol to SSL or SASL_SSL'
  return ''
}
