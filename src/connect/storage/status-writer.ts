import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type CompactedLog } from '../../client/compacted-log.ts'
import { partitionOfKey } from '../../wire/murmur2.ts'

export interface StatusWrite {
  readonly key: string
  /** Null writes a tombstone. */
  readonly value: string | null
  /** Asked again when the write had to wait: meanwhile somebody else may have become the owner. */
  isStillWanted(): boolean
}

export interface StatusWriterOptions {
  readonly log: CompactedLog
  readonly cluster: Cluster
  readonly topic: string
  readonly logger: Logger
}

/**
 * Writes statuses one at a time per key. While one is on its way, or the partition cannot be written, only the newest of
 * the next ones is kept: an outage costs no memory and does not end with a flood of states that are long over. A status
 * goes to the producer, which never gives up, only when there is a leader to take it; so it can still be dropped before.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  /** The next write of each key at which one is running. */
  readonly #next = new Map<string, StatusWrite>()
  readonly #running = new Map<string, Promise<void>>()
  #isClosed = false

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  put(write: StatusWrite): void {
    if (this.#isClosed) return
    const { key } = write
    this.#next.set(key, write)
    if (!this.#running.has(key)) this.#running.set(key, this.#run(key))
  }

  /** Resolves when nothing is left to be written. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  close(): void {
    this.#isClosed = true
    this.#next.clear()
  }

  async #run(key: string): Promise<void> {
    for (let write = this.#next.get(key); write !== undefined; write = this.#next.get(key)) {
      if (this.#canWrite(key)) await this.#write(write)
      else await this.#wait(write)
    }
    this.#running.delete(key)
  }

  #canWrite(key: string): boolean {
    const { cluster, topic } = this.#options
    return cluster.isReachable && cluster.leader(topic, this.#partitionOf(key)) !== undefined
  }

  async #wait(write: StatusWrite): Promise<void> {
    const { cluster, log, logger } = this.#options
    try {
      await cluster.refreshed()
      // Cut off from the cluster, this worker may have lost its tasks: first it has to see who wrote meanwhile.
      if (this.#canWrite(write.key)) await log.readToEnd()
    } catch (thrown) {
      const isOver = thrown instanceof MirrorError && thrown.code === 'MIRROR_CLOSED'
      if (isOver) this.close()
      else
        logger.debug(
          { key: write.key, err: asError(thrown) },
          'A status has to wait on: who wrote meanwhile cannot be read'
        )
    }
    if (this.#next.get(write.key) === write && !write.isStillWanted()) this.#next.delete(write.key)
  }

  async #write({ key, value }: StatusWrite): Promise<void> {
    const { log, logger, topic } = this.#options
    this.#next.delete(key)
    const record = { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
    try {
      await log.append([{ partition: this.#partitionOf(key), ...record }])
    } catch (thrown) {
      if (!this.#isClosed)
        logger.warn({ topic, key, err: asError(thrown) }, `${key} cannot be written to ${topic}; it is left as it was`)
    }
  }

  #partitionOf(key: string): number {
    return partitionOfKey(Buffer.from(key), this.#options.log.partitionCount)
  }
}
