import { type CancelTimer, type Clock } from '../base/clock.ts'
import { ProtocolError } from '../wire/reader.ts'
import { type FrameMemory } from './connection.ts'

export interface InFlightRequest {
  readonly apiName: string
  readonly timeoutMs: number
  /** Decodes the response and resolves. Throws when the bytes are no such response. */
  readonly receive: (frame: Buffer, memory: FrameMemory) => void
  readonly reject: (error: Error) => void
}

interface Waiting {
  readonly request: InFlightRequest
  readonly deadlineMs: number
}

/**
 * Requests of a connection that wait for their response, by correlation id, with all their deadlines on one timer.
 *
 * The timer stands at the earliest deadline that was known when it was set, and is not moved when responses come: at
 * its end it looks again. So a busy connection sets a timer once per timeout and not once per request.
 */
export class InFlightRequests {
  readonly #clock: Clock
  readonly #onExpired: (request: InFlightRequest) => void
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #timerMs = Infinity
  #cancelTimer: CancelTimer | null = null

  /** @param onExpired Called for a request that has missed its deadline; has to close the connection. */
  constructor(clock: Clock, onExpired: (request: InFlightRequest) => void) {
    this.#clock = clock
    this.#onExpired = onExpired
  }

  get size(): number {
    return this.#waiting.size
  }

  /** A correlation id for a request that gets no response. */
  nextId(): number {
    this.#lastId = (this.#lastId + 1) & 0x7fffffff
    return this.#lastId
  }

  /** Registers a request that is about to be sent and returns its correlation id. */
  add(request: InFlightRequest): number {
    const id = this.nextId()
    const deadlineMs = this.#clock.monotonic() + request.timeoutMs
    this.#waiting.set(id, { request, deadlineMs })
    this.#watch(deadlineMs)
    return id
  }

  /** Hands a frame to the request that it answers. Throws MIRROR_PROTOCOL, and then the request is still waiting. */
  receive(frame: Buffer, memory: FrameMemory): void {
    if (frame.length < 4) throw new ProtocolError(`Response of ${frame.length} bytes has no correlation id`)
    const id = frame.readInt32BE(0)
    const request = this.#waiting.get(id)?.request
    if (request === undefined) throw new ProtocolError(`Response with correlation id ${id}, which nobody waits for`)
    try {
      request.receive(frame, memory)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new ProtocolError(`${request.apiName} response of ${frame.length} bytes is malformed: ${reason}`, error)
    }
    this.#waiting.delete(id)
  }

  /** Ends all of them, and the timer. */
  rejectAll(error: Error): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#timerMs = Infinity
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { request } of waiting) request.reject(error)
  }

  #watch(deadlineMs: number): void {
    if (deadlineMs >= this.#timerMs) return
    this.#cancelTimer?.()
    this.#timerMs = deadlineMs
    this.#cancelTimer = this.#clock.schedule(deadlineMs - this.#clock.monotonic(), () => {
      this.#timerMs = Infinity
      this.#cancelTimer = null
      this.#look()
    })
  }

  #look(): void {
    const nowMs = this.#clock.monotonic()
    let nextMs = Infinity
    for (const { request, deadlineMs } of this.#waiting.values()) {
      if (deadlineMs <= nowMs) {
        this.#onExpired(request)
        return
      }
      nextMs = Math.min(nextMs, deadlineMs)
    }
    // A timer may fire a fraction of a millisecond early by this clock; then it is set once more.
    if (nextMs !== Infinity) this.#watch(nextMs)
  }
}
