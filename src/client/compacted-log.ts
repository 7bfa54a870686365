import { setMaxListeners } from 'node:events'
import { deferred } from '../base/deferred.ts'
import { MirrorError } from '../base/errors.ts'
import { encodeBatch } from '../wire/record.ts'
import { abortError, withinLimits } from './deadline.ts'
import { type InternalTopicOptions, ensureCompactedTopic } from './internal-topic.ts'
import { LogReader, type LogReaderOptions } from './log-reader.ts'
import { LogTail } from './log-tail.ts'
import { type RawProducer } from './raw-producer.ts'

export interface LogAppend {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface CompactedLogOptions extends InternalTopicOptions, LogReaderOptions {
  readonly producer: RawProducer
  /** Whether what others write is delivered as it comes, once `start` is over, and not only by `readToEnd`. Default false. */
  readonly isFollowed?: boolean
}

/** Records of an append go out in batches of about this size, below the smallest usual max.message.bytes. */
const batchTargetBytes = 256 * 1024

const ignore = (): void => undefined

/** A compacted topic that is read whole at start, caught up with on demand or followed, and appended to. */
export class CompactedLog {
  readonly #options: CompactedLogOptions
  readonly #reader: LogReader
  readonly #closing = new AbortController()
  #partitionCount = 0
  /** The pass that is running, and the one that begins after it; later callers share the latter. */
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null
  #sending: Promise<unknown> = Promise.resolve()
  /** Aborted when what was appended so far is given up. */
  #appending = new AbortController()

  constructor(options: CompactedLogOptions) {
    // Each append and each read that is waited for listens to it: many at a time are no leak.
    setMaxListeners(0, this.#closing.signal, this.#appending.signal)
    this.#options = options
    this.#reader = new LogReader(options)
    options.cluster.follow(options.topic)
  }

  /** Known after `start`. */
  get partitionCount(): number {
    return this.#partitionCount
  }

  /**
   * Creates the topic where it is missing, checks its policy (MIRROR_INTERNAL_TOPIC), reads it to its end. A cluster that
   * cannot be reached is waited for.
   */
  async start(): Promise<void> {
    const { cluster } = this.#options
    for (;;) {
      try {
        this.#partitionCount = await ensureCompactedTopic(this.#options, this.#closing.signal)
        break
      } catch (thrown) {
        if (this.#closing.signal.aborted || !(thrown instanceof MirrorError) || !thrown.retriable) throw thrown
        await cluster.refreshed()
      }
    }
    await this.readToEnd()
    if (this.#options.isFollowed === true) this.#follow()
  }

  /** Resolves when everything that was in the topic at the time of the call has been handed to `onRecord`. */
  async readToEnd(): Promise<void> {
    // A pass that is running may have asked for the end offsets before the call: only the one after it will do.
    this.#next ??= this.#readAfter(this.#running)
    await this.#next
  }

  /** Resolves when all are acknowledged; rejects with MIRROR_RECORD_REFUSED when the target refuses one, or MIRROR_CLOSED. */
  async append(records: readonly LogAppend[]): Promise<void> {
    const { signal } = this.#appending
    const sending = this.#sending.then(async () => await this.#send(records, signal))
    this.#sending = sending.catch(ignore)
    const { acknowledged } = await sending
    const { clock, topic } = this.#options
    await withinLimits(acknowledged, { clock, deadline: Infinity, signal, what: `Writing to ${topic}` })
  }

  /** Ends running appends, for an owner whose producer has forgotten them. */
  giveUpAppends(): void {
    if (this.#closing.signal.aborted) return
    this.#appending.abort()
    this.#appending = new AbortController()
    setMaxListeners(0, this.#appending.signal)
  }

  /** Ends running calls and stops following the topic. The producer is its owner's. */
  close(): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#appending.abort()
    this.#reader.wake()
    this.#options.cluster.unfollow(this.#options.topic)
  }

  #follow(): void {
    this.#reader.isFollowed = true
    const tail = new LogTail({
      ...this.#options,
      reader: this.#reader,
      partitionCount: this.#partitionCount,
      signal: this.#closing.signal
    })
    tail.start()
  }

  async #readAfter(previous: Promise<void>): Promise<void> {
    await previous.catch(ignore)
    this.#running = this.#next ?? previous
    this.#next = null
    await this.#reader.readToEnd(this.#partitionCount, this.#closing.signal)
  }

  /** Encodes and queues. Appends come here one after the other, so that the last one of a key stays the last. */
  async #send(
    records: readonly LogAppend[],
    signal: AbortSignal
  ): Promise<{ readonly acknowledged: Promise<unknown> }> {
    const { clock, producer, topic } = this.#options
    const timestamp = BigInt(clock.now())
    const acknowledged: Promise<void>[] = []
    for (const [partition, group] of byPartition(records)) {
      for (const chunk of chunks(group)) {
        const batch = await encodeBatch(chunk.map(({ key, value }) => ({ timestamp, key, value })))
        if (signal.aborted) throw abortError(`Writing to ${topic}`)
        const acknowledgement = deferred<undefined>()
        producer.send(topic, partition, {
          records: batch,
          recordCount: chunk.length,
          settled: (_runs, [refused]) => {
            if (refused === undefined) acknowledgement.resolve(undefined)
            else acknowledgement.reject(refused.error)
          }
        })
        acknowledged.push(acknowledgement.promise)
      }
    }
    return { acknowledged: Promise.all(acknowledged) }
  }
}

function byPartition(records: readonly LogAppend[]): Map<number, LogAppend[]> {
  const groups = new Map<number, LogAppend[]>()
  for (const record of records) {
    const group = groups.get(record.partition)
    if (group === undefined) groups.set(record.partition, [record])
    else group.push(record)
  }
  return groups
}

function* chunks(records: readonly LogAppend[]): Generator<LogAppend[]> {
  let chunk: LogAppend[] = []
  let bytes = 0
  for (const record of records) {
    chunk.push(record)
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
    if (bytes < batchTargetBytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield chunk
}
