import { type Clock, sleep } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Connection } from '../net/connection.ts'
import { type FetchPartitionResponse, fetch, fetchMaxVersionByName } from '../wire/api/01-fetch.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { abortError } from './deadline.ts'
import { type LogReader } from './log-reader.ts'

export interface LogTailOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly logger: Logger
  readonly topic: string
  readonly partitionCount: number
  readonly reader: LogReader
  /** Ends it. */
  readonly signal: AbortSignal
}

/** A broker answers when there is something to read: this is not how late news are, but what an idle topic costs. */
const pollMs = 10_000
const answerWithinMs = 2 * pollMs
/** Before the next try after an error that an operator must act on. */
const troublePauseMs = 10_000

/** What a broker is being asked for. */
interface Poll {
  readonly led: readonly number[]
  interrupt(): void
}

const ignore = (): void => undefined

/**
 * Feeds a LogReader with what is appended, for ever: one fetch at a time that waits at each broker that leads partitions
 * of the topic. A broker serves the requests of a connection one after the other, hence connections of their own.
 */
export class LogTail {
  readonly #options: LogTailOptions
  readonly #purpose: string
  /** By broker. */
  readonly #polls = new Map<number, Poll>()
  #isLookingForLeaders = false
  #isInTrouble = false

  constructor(options: LogTailOptions) {
    this.#options = options
    this.#purpose = `log/${options.topic}`
  }

  start(): void {
    const { cluster, signal } = this.#options
    const unlisten = cluster.onChange(() => {
      this.#pollAll()
    })
    signal.addEventListener('abort', unlisten, { once: true })
    this.#pollAll()
  }

  #pollAll(): void {
    const { cluster, topic, partitionCount, signal } = this.#options
    if (signal.aborted) return
    let leaderless = 0
    for (let partition = 0; partition < partitionCount; partition++) {
      const leader = cluster.leader(topic, partition)
      if (leader === undefined) {
        leaderless += 1
        continue
      }
      const poll = this.#polls.get(leader.nodeId)
      if (poll === undefined) void this.#poll(leader.nodeId)
      // The partition has moved to a broker that waits for news of others.
      else if (!poll.led.includes(partition)) poll.interrupt()
    }
    if (leaderless > 0 && !this.#isLookingForLeaders) void this.#lookForLeaders()
  }

  async #lookForLeaders(): Promise<void> {
    this.#isLookingForLeaders = true
    await this.#refreshed()
    this.#isLookingForLeaders = false
    this.#pollAll()
  }

  /** Until the broker leads nothing of the topic any more. */
  async #poll(nodeId: number): Promise<void> {
    for (let led = this.#ledBy(nodeId); led.length > 0; led = this.#ledBy(nodeId)) {
      this.#polls.set(nodeId, { led, interrupt: ignore })
      try {
        const isInOrder = await this.#pollOnce(nodeId)
        if (!isInOrder) await this.#refreshed()
      } catch (thrown) {
        await this.#recover(asError(thrown))
      }
    }
    this.#polls.delete(nodeId)
  }

  /** None once the tail has ended. */
  #ledBy(nodeId: number): number[] {
    const { cluster, topic, partitionCount, signal } = this.#options
    if (signal.aborted) return []
    return Array.from({ length: partitionCount }, (_, partition) => partition).filter(
      (partition) => cluster.leader(topic, partition)?.nodeId === nodeId
    )
  }

  /** False when a partition could not be read for now. */
  async #pollOnce(nodeId: number): Promise<boolean> {
    const { cluster, reader, signal } = this.#options
    const connection = await cluster.dataConnection(nodeId, this.#purpose, 'control')
    // Looked up anew: while the connection was being opened there was nothing to interrupt.
    const answers = await this.#fetch(nodeId, connection, this.#ledBy(nodeId))
    for (const answer of answers) await reader.take(answer, signal)
    this.#isInTrouble = false
    return answers.every(({ errorCode }) => errorCode === brokerErrors.NONE)
  }

  async #fetch(nodeId: number, connection: Connection, led: readonly number[]): Promise<FetchPartitionResponse[]> {
    const { reader, signal, topic } = this.#options
    // The request waits at the broker: only without its connection does it end early.
    const interrupt = (): void => {
      connection.close(abortError(`Following ${topic}`))
    }
    if (signal.aborted) interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    this.#polls.set(nodeId, { led, interrupt })
    try {
      const options = { maxVersion: fetchMaxVersionByName, timeoutMs: answerWithinMs }
      const response = await connection.request(fetch, reader.requestFor(led, pollMs), options)
      return response.topics.flatMap((one) => one.partitions)
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }

  /** What passes by itself is waited for; what does not is told once, and tried again all the same. */
  async #recover(error: Error): Promise<void> {
    const { clock, cluster, topic, logger, signal } = this.#options
    if (signal.aborted) return
    if (error instanceof MirrorError && (error.retriable || error.code === 'MIRROR_CLOSED')) {
      await this.#refreshed()
      return
    }
    const fields = { topic, cluster: cluster.alias, err: error }
    if (!this.#isInTrouble)
      logger.error(fields, `${topic} of ${cluster.alias} cannot be followed; tried again until it can`)
    this.#isInTrouble = true
    await sleep(clock, troublePauseMs, signal)
  }

  /** When the cluster is closed, the tail is about to be. */
  async #refreshed(): Promise<void> {
    const { cluster, clock, signal } = this.#options
    try {
      await cluster.refreshed()
    } catch {
      await sleep(clock, troublePauseMs, signal)
    }
  }
}
