import { Backoff } from '../base/backoff.ts'
import { type CancelTimer, type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Random } from '../base/random.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { type Connection } from '../net/connection.ts'
import { produce, type ProducePartitionResponse, type ProduceResponse } from '../wire/api/00-produce.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { lostConnection, noAnswer, produceFailure, unsupportedByBroker } from './produce-failure.ts'
import { buildProduceRequest, type SentRequest } from './produce-request-builder.ts'
import { type ProducerPartition } from './producer-partition.ts'
import { type BrokerName, type Reachability } from './reachability.ts'

export interface BrokerSenderOptions {
  readonly nodeId: number
  /** Names the connection, so that each producer of the process has its own. */
  readonly purpose: string
  readonly cluster: Cluster
  readonly reachability: Reachability
  readonly settings: ProducerSettings
  readonly clock: Clock
  readonly random: Random
  /** Looked at right before each request is written; while false nothing goes out. */
  readonly mayWrite: () => boolean
  find(topic: string, partition: number): ProducerPartition | undefined
  /** A partition got an answer, or cannot be sent from here: it may have to recover, or to go to another line. */
  onProgress(partition: ProducerPartition): void
  /** The target took a batch of a partition that was in trouble. */
  onHealed(partition: ProducerPartition): void
  /** The broker cannot be talked to until an operator acts. */
  onBlocked(partition: ProducerPartition, error: MirrorError): void
}

const quietAttempts = 3
/** How soon it is looked again whether requests may be written. */
const mayWriteAgainMs = 200

/**
 * Sends to one broker: a line of partitions that have something to send, one connection, a few requests in flight. A batch
 * that comes alone goes out at once; what one turn of the program hands in goes out together, because requests are built
 * in a microtask. While all slots are taken the queues grow, and the next request carries more.
 */
export class BrokerSender {
  readonly nodeId: number
  readonly #options: BrokerSenderOptions
  readonly #line = new RingBuffer<ProducerPartition>()
  readonly #backoff: Backoff
  readonly #runFlush = (): void => {
    this.#flushScheduled = false
    this.#flush()
  }
  #connection: Connection | null = null
  #connecting = false
  /** It has said so, and neither been answered since nor found nothing left to send. */
  #isMissed = false
  #inFlight = 0
  #requestId = 0
  #flushScheduled = false
  #throttledUntilMs = 0
  /** Runs while nothing may be sent: throttled, or before the next attempt to connect. */
  #cancelPause: CancelTimer | null = null
  #closed = false

  constructor(options: BrokerSenderOptions) {
    const { settings, random } = options
    this.nodeId = options.nodeId
    this.#options = options
    this.#backoff = new Backoff(
      { initialMs: settings.reconnectBackoffMs, maxMs: settings.reconnectBackoffMaxMs },
      random
    )
  }

  /** Puts a partition in line, unless it is there. */
  enqueue(partition: ProducerPartition): void {
    if (partition.lineOf === this) return
    partition.lineOf = this
    this.#line.push(partition)
    this.#scheduleFlush()
  }

  close(): void {
    this.#closed = true
    this.#cancelPause?.()
    this.#line.clear()
    this.#connection?.close()
    this.#options.reachability.brokerClosed(this, this.#broker)
  }

  get #broker(): BrokerName {
    return { alias: this.#options.cluster.alias, nodeId: this.nodeId }
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    // Not by queueMicrotask, which makes an async resource for each, and runs its hooks.
    void Promise.resolve().then(this.#runFlush)
  }

  #flush(): void {
    const { settings } = this.#options
    while (!this.#closed && this.#cancelPause === null && this.#line.size > 0) {
      if (this.#inFlight >= settings.maxInFlightRequests) return
      if (!this.#options.mayWrite()) {
        this.#pauseFor(mayWriteAgainMs)
        return
      }
      const connection = this.#connection
      if (connection === null || connection.closed) {
        this.#connect()
        return
      }
      if (!this.#sendNext(connection)) return
    }
  }

  /** False when the line had nothing to send. */
  #sendNext(connection: Connection): boolean {
    const { settings, clock } = this.#options
    const version = connection.versionOf(produce)
    if (version === null) {
      this.#blockLine(unsupportedByBroker(connection))
      return false
    }
    this.#requestId += 1
    const request = buildProduceRequest(this.#line, this, {
      id: this.#requestId,
      version,
      nowMs: clock.monotonic(),
      connection,
      settings
    })
    for (const partition of request.left) this.#options.onProgress(partition)
    if (request.units.length === 0) return false
    this.#send(connection, request)
    return true
  }

  #send(connection: Connection, request: SentRequest): void {
    this.#inFlight += 1
    connection.requestRetained(produce, request.message).then(
      ({ response, memory }) => {
        // There is nothing in an answer that is a view into it.
        memory.release()
        this.#inFlight -= 1
        if (!this.#closed) this.#onAnswer(request, response)
      },
      (error: unknown) => {
        this.#inFlight -= 1
        if (!this.#closed) this.#onLost(connection, request, asError(error))
      }
    )
    for (const partition of request.partitions) if (partition.canSend()) this.enqueue(partition)
  }

  /** Answers are matched by name: brokers do not keep the order of the request. */
  #onAnswer(request: SentRequest, response: ProduceResponse): void {
    this.#reached()
    this.#throttle(response.throttleTimeMs)
    for (const topic of response.topics) {
      for (const answer of topic.partitions) {
        const partition = this.#options.find(topic.name, answer.partition)
        if (partition?.sentThrough === this) this.#onPartitionAnswer(partition, request, answer)
      }
    }
    for (let index = 0; index < request.units.length; index++) {
      const unit = request.units[index]
      const partition = request.partitions[index]
      if (unit === undefined || partition === undefined) continue
      if (unit.state === 'sent' && unit.requestId === request.id) partition.fail(unit, noAnswer(partition.where))
      this.#options.onProgress(partition)
    }
    this.#scheduleFlush()
  }

  #onPartitionAnswer(partition: ProducerPartition, request: SentRequest, answer: ProducePartitionResponse): void {
    const unit = partition.sentIn(request.id)
    if (unit === undefined) return
    if (answer.errorCode === brokerErrors.NONE) this.#acknowledge(partition, unit, answer.baseOffset)
    else if (answer.errorCode === brokerErrors.DUPLICATE_SEQUENCE_NUMBER) this.#acknowledge(partition, unit, -1n)
    else partition.fail(unit, produceFailure(partition.where, answer))
  }

  #acknowledge(partition: ProducerPartition, unit: SentRequest['units'][number], baseOffset: bigint): void {
    partition.acknowledge(unit, baseOffset)
    if (partition.trouble !== null && !partition.hasFailed) this.#options.onHealed(partition)
  }

  /**
   * Whether the batches landed is unknown. The connection is closed in any case: a later request on it must not overtake
   * what is sent again.
   */
  #onLost(connection: Connection, request: SentRequest, error: Error): void {
    connection.close(error)
    if (this.#connection === connection) {
      this.#connection = null
      this.#retryLater(error)
    }
    for (const [index, unit] of request.units.entries()) {
      const partition = request.partitions[index]
      if (partition === undefined) continue
      partition.fail(unit, lostConnection(partition.where, error))
      this.#options.onProgress(partition)
    }
  }

  #connect(): void {
    if (this.#connecting) return
    this.#connecting = true
    this.#options.cluster.dataConnection(this.nodeId, this.#options.purpose, 'control').then(
      (connection) => {
        this.#connecting = false
        if (this.#closed) {
          connection.close()
          return
        }
        this.#connection = connection
        this.#flush()
        // All of it went to other leaders meanwhile: no answer will tell that this one is back.
        if (this.#inFlight === 0) this.#endMissing()
      },
      (error: unknown) => {
        this.#connecting = false
        if (!this.#closed) this.#onUnreachable(asError(error))
      }
    )
  }

  #onUnreachable(error: Error): void {
    this.#retryLater(error)
    if (error instanceof MirrorError && !error.retriable) this.#blockLine(error)
  }

  /** The leaders may be elsewhere by now. A broker that restarts is back, or replaced, before the operator is told. */
  #retryLater(error: Error): void {
    const { cluster, reachability } = this.#options
    cluster.refreshSoon()
    this.#pauseFor(this.#backoff.nextMs())
    // Where no broker can be reached the cluster has said so, for all its clients.
    if (!cluster.isReachable || this.#backoff.attempts <= quietAttempts) return
    this.#isMissed = true
    reachability.brokerMissed(this, this.#broker, error)
  }

  #reached(): void {
    this.#backoff.reset()
    this.#endMissing()
  }

  #endMissing(): void {
    if (!this.#isMissed) return
    this.#isMissed = false
    this.#options.reachability.brokerReached(this.#broker)
  }

  #blockLine(error: MirrorError): void {
    for (let partition = this.#line.shift(); partition !== undefined; partition = this.#line.shift()) {
      if (partition.lineOf !== this) continue
      partition.lineOf = null
      if (partition.canSend()) this.#options.onBlocked(partition, error)
    }
  }

  /** A quota of the broker (KIP-219): it has answered and does not read from this connection until the time is over. */
  #throttle(throttleTimeMs: number): void {
    if (throttleTimeMs <= 0) return
    const untilMs = this.#options.clock.monotonic() + throttleTimeMs
    if (untilMs <= this.#throttledUntilMs) return
    this.#throttledUntilMs = untilMs
    this.#pauseFor(throttleTimeMs)
  }

  #pauseFor(delayMs: number): void {
    this.#cancelPause?.()
    const leftMs = Math.max(delayMs, this.#throttledUntilMs - this.#options.clock.monotonic())
    this.#cancelPause = this.#options.clock.schedule(leftMs, () => {
      this.#cancelPause = null
      this.#flush()
    })
  }
}
