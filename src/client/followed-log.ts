import { type Clock, sleep } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { abortError } from './deadline.ts'
import { LogReader, type LogReaderOptions } from './log-reader.ts'
import { LogTail } from './log-tail.ts'

export interface FollowedLogOptions extends LogReaderOptions {
  readonly clock: Clock
  /** The topic is missing or may not be read. Called at each try until it can: what lasts is the caller's to tell once. */
  readonly onTrouble: (error: MirrorError) => void
}

/** Before the next try. */
const missingPauseMs = 1000
const troublePauseMs = 10_000

/** Partition 0 of a topic that others write: read to its end, and then followed, if wanted. Never given up. */
export class FollowedLog {
  readonly #options: FollowedLogOptions
  readonly #reader: LogReader
  readonly #closing = new AbortController()

  constructor(options: FollowedLogOptions) {
    this.#options = options
    this.#reader = new LogReader(options)
    options.cluster.follow(options.topic)
  }

  /** Resolves when all that was in the topic at the time has been delivered. Rejects only with MIRROR_CLOSED. Call it once. */
  async readToEnd(): Promise<void> {
    const { clock, onTrouble } = this.#options
    const { signal } = this.#closing
    for (;;) {
      try {
        await this.#checkExists()
        await this.#reader.readToEnd(1, signal)
        return
      } catch (thrown) {
        const error = asError(thrown)
        if (!(error instanceof MirrorError) || this.#isClosed() || error.code === 'MIRROR_CLOSED') throw error
        onTrouble(error)
        await sleep(clock, error.retriable ? missingPauseMs : troublePauseMs, signal)
        if (this.#isClosed()) throw abortError(`Reading ${this.#options.topic}`)
      }
    }
  }

  /** From where `readToEnd` came to, records are delivered as they are written. */
  follow(): void {
    if (this.#isClosed()) return
    this.#reader.isFollowed = true
    const { signal } = this.#closing
    const tail = new LogTail({ ...this.#options, reader: this.#reader, partitionCount: 1, signal })
    tail.start()
  }

  close(): void {
    if (this.#isClosed()) return
    this.#closing.abort()
    this.#reader.wake()
    this.#options.cluster.unfollow(this.#options.topic)
  }

  /** A reader would ask for a topic that does not exist several times a second. */
  async #checkExists(): Promise<void> {
    const { cluster, topic } = this.#options
    const [described] = await cluster.describeTopics([topic])
    const errorCode = described?.errorCode ?? brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
    if (errorCode !== brokerErrors.NONE) throw brokerError(errorCode, `${cluster.alias}: topic ${topic}`)
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted
  }
}
