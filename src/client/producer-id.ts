import { Backoff } from '../base/backoff.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { initProducerId } from '../wire/api/22-init-producer-id.ts'
import { brokerErrorName, brokerErrors } from '../wire/error-codes.ts'
import { noProducer, type ProducerStamp, producerStamp } from '../wire/patch-header.ts'
import { type Cluster } from './cluster.ts'

/** Who a producer is to the brokers. */
export interface ProducerIdentity {
  readonly stamp: ProducerStamp
  /** False: batches carry no producer id, so brokers cannot tell a repeated batch from a new one. */
  readonly isIdempotent: boolean
}

/** Without a producer id: one batch in flight per partition keeps the order, a lost answer means a duplicate. */
const anonymous: ProducerIdentity = { stamp: noProducer, isIdempotent: false }

export interface ProducerIdsOptions {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Answers right after a broker's start, even without a transactional id: 14, 15, 16, 51. They pass within a second. */
const passing: readonly number[] = [
  brokerErrors.COORDINATOR_LOAD_IN_PROGRESS,
  brokerErrors.COORDINATOR_NOT_AVAILABLE,
  brokerErrors.NOT_COORDINATOR,
  brokerErrors.CONCURRENT_TRANSACTIONS
]

/** The producer id of one producer: asked for until there is one, and replaced when a broker no longer knows it. */
export class ProducerIds {
  readonly #options: ProducerIdsOptions
  readonly #stop = new AbortController()
  #current: ProducerIdentity | null
  #asking: Promise<ProducerIdentity | null> | null = null

  constructor(options: ProducerIdsOptions) {
    this.#options = options
    this.#current = options.settings.acks === -1 ? null : anonymous
  }

  /** The identity in use; null while the first one is asked for. */
  get current(): ProducerIdentity | null {
    return this.#current
  }

  /**
   * An identity other than `stale`, which a broker has refused: all partitions that it fails for share the next one.
   * Null when closed.
   */
  async otherThan(stale: ProducerIdentity | null): Promise<ProducerIdentity | null> {
    const current = this.#current
    if (current !== null && (current !== stale || !current.isIdempotent)) return current
    this.#asking ??= this.#ask()
    return await this.#asking
  }

  close(): void {
    this.#stop.abort()
  }

  async #ask(): Promise<ProducerIdentity | null> {
    const { settings, random, clock, logger } = this.#options
    const backoff = new Backoff({ initialMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs }, random)
    const { signal } = this.#stop
    let warned = false
    while (!signal.aborted) {
      const answer = await this.#askOnce(signal)
      if (typeof answer !== 'string') {
        this.#current = answer
        this.#asking = null
        return answer
      }
      if (!warned && backoff.attempts >= 3 && !this.#stop.signal.aborted) {
        warned = true
        logger.warn({}, `Waiting for a producer id from cluster ${this.#options.cluster.alias}: ${answer}`)
      }
      await sleep(clock, backoff.nextMs(), signal)
    }
    return null
  }

  /** An identity, or in words why there is none yet. */
  async #askOnce(signal: AbortSignal): Promise<ProducerIdentity | string> {
    const { cluster, logger } = this.#options
    try {
      const request = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1n, producerEpoch: -1 }
      const answer = await cluster.request({ any: true }, initProducerId, request, { signal })
      if (answer.errorCode === brokerErrors.NONE) {
        return { stamp: producerStamp(answer.producerId, answer.producerEpoch), isIdempotent: true }
      }
      if (answer.errorCode === brokerErrors.CLUSTER_AUTHORIZATION_FAILED) {
        logger.warn(
          {},
          `Cluster ${cluster.alias} refuses this principal IdempotentWrite: producing without a producer id, one ` +
            'batch at a time per partition; a lost connection can now leave duplicates. Allow IdempotentWrite on the cluster'
        )
        return anonymous
      }
      const name = brokerErrorName(answer.errorCode)
      return passing.includes(answer.errorCode) ? name : `${name}, which is not expected to pass`
    } catch (error) {
      return asError(error).message
    }
  }
}
