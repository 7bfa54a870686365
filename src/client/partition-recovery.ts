import { Backoff } from '../base/backoff.ts'
import { type CancelTimer, type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { type Cluster } from './cluster.ts'
import { type LandedBatches } from './landed-batches.ts'
import { type OversizeRepair } from './oversize-repair.ts'
import { type PartitionTrouble } from './partition-trouble.ts'
import { type ProduceFailure } from './produce-failure.ts'
import { type ProducerIds } from './producer-id.ts'
import { type Pause, type ProducerPartition } from './producer-partition.ts'
import { type PartitionStateListener } from './raw-producer.ts'
import { type SendUnit } from './send-unit.ts'

export interface PartitionRecoveryOptions {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly listener: PartitionStateListener
  readonly ids: ProducerIds
  readonly landed: LandedBatches
  readonly oversize: OversizeRepair
  /** A partition may send again. */
  readonly wake: (partition: ProducerPartition) => void
}

/** Time before the operator is told: an election, or the birth of a topic, usually ends within that. */
const quietMs = 5_000
/** Answers such as UNKNOWN_SERVER_ERROR before the partition counts as blocked. */
const unclearAnswersBorne = 5
const slowRetry = { initialMs: 1_000, maxMs: 60_000 }

/**
 * Gets a partition going again after a failure, once nothing of it is in flight. Each partition alone: others go on. The
 * operator reads one line for each that is blocked. Of those that wait for what passes by itself, which mostly are many at
 * once, one line says that some do, and one that none does any more.
 */
export class PartitionRecovery {
  readonly #options: PartitionRecoveryOptions
  /** Those that wait for so long that the operator was told. */
  readonly #waiting = new Set<ProducerPartition>()
  /** Looked after together: a broker that is away, or topics that are being made, leave thousands, and each timer is an object. */
  readonly #leaderless = new Set<ProducerPartition>()
  readonly #leaderlessBackoff: Backoff
  #cancelLeaderlessLook: CancelTimer | null = null
  #closed = false

  constructor(options: PartitionRecoveryOptions) {
    this.#options = options
    this.#leaderlessBackoff = this.#newBackoff()
  }

  recover(partition: ProducerPartition): void {
    if (this.#options.landed.mustLookFor(partition)) void this.#lookForLanded(partition)
    else this.#repair(partition)
  }

  /** The target took a batch: what was wrong is over. */
  healed(partition: ProducerPartition): void {
    const { trouble } = partition
    if (trouble === null) return
    trouble.cancelTimer?.()
    partition.trouble = null
    if (trouble.told === 'nothing') return
    const isLastWaiting = this.#waiting.delete(partition) && this.#waiting.size === 0
    if (trouble.told === 'waiting' && !isLastWaiting) return
    this.#options.logger.info({}, `${partition.where}: the target takes records again`)
    if (trouble.told === 'blocked') this.#options.listener.resumed(nameOf(partition))
  }

  /** Nothing is known of a leader: metadata is asked for until it names one, which `leaderChanged` tells. */
  awaitLeader(partition: ProducerPartition): void {
    partition.pause = 'leader'
    this.#troubleOf(partition)
    this.#leaderless.add(partition)
    if (this.#cancelLeaderlessLook === null) this.#lookAfterLeaderless()
  }

  /** The metadata names another leader: no need to wait longer. */
  leaderChanged(partition: ProducerPartition): void {
    if (partition.pause !== 'leader') return
    this.#leaderless.delete(partition)
    partition.trouble?.cancelTimer?.()
    this.#wake(partition)
  }

  /** Stops a partition until an operator acts; tried slowly. */
  block(partition: ProducerPartition, error: MirrorError): void {
    const trouble = this.#troubleOf(partition)
    if (trouble.told !== 'blocked') {
      trouble.told = 'blocked'
      this.#waiting.delete(partition)
      this.#options.logger.error({ code: error.code }, `${error.message} (the partition is stopped and tried slowly)`)
      this.#options.listener.blocked(nameOf(partition), error)
    }
    this.#pause(partition, 'timer', trouble.slowBackoff.nextMs())
  }

  close(): void {
    this.#closed = true
    this.#cancelLeaderlessLook?.()
    this.#options.landed.close()
  }

  #lookAfterLeaderless(): void {
    this.#cancelLeaderlessLook = null
    if (this.#leaderless.size === 0) {
      this.#leaderlessBackoff.reset()
      return
    }
    const { cluster, clock } = this.#options
    cluster.refreshSoon()
    for (const partition of this.#leaderless) {
      if (!this.#isNews(partition)) continue
      this.#tellWaiting(partition, new MirrorError('MIRROR_BROKER', `${partition.where}: no leader is known`))
    }
    this.#cancelLeaderlessLook = clock.schedule(this.#leaderlessBackoff.nextMs(), () => {
      this.#lookAfterLeaderless()
    })
  }

  /** The partition stays failed until the log was read: whoever wakes it before brings it back here. */
  async #lookForLanded(partition: ProducerPartition): Promise<void> {
    partition.pause = 'busy'
    try {
      await this.#options.landed.settle(partition)
    } catch (thrown) {
      if (this.#closed) return
      const message = `${partition.where}: not known yet whether the last batches were stored: ${asError(thrown).message}`
      this.#options.cluster.refreshSoon()
      this.#later(partition, 'leader', () => new MirrorError('MIRROR_BROKER', message, { cause: thrown }))
      return
    }
    if (!this.#closed) this.#repair(partition)
  }

  #repair(partition: ProducerPartition): void {
    const found = partition.takeFailure()
    if (found !== undefined) {
      this.#treat(partition, found.unit, found.failure)
      return
    }
    // What had failed was found in the log.
    this.healed(partition)
    this.#wake(partition)
  }

  #treat(partition: ProducerPartition, unit: SendUnit, { kind, error }: ProduceFailure): void {
    switch (kind) {
      case 'connection':
        // The sender waits for a connection and tells the operator.
        this.#wake(partition)
        return
      case 'leader':
        if (partition.leaderMoved) {
          this.#wake(partition)
          return
        }
        this.#options.cluster.refreshSoon()
        this.#later(partition, 'leader', () => error)
        return
      case 'retry':
        this.#later(partition, 'timer', () => error)
        return
      case 'unclear':
        if (++this.#troubleOf(partition).unclearAnswers > unclearAnswersBorne) this.block(partition, error)
        else this.#later(partition, 'timer', () => error)
        return
      case 'sequence':
        void this.#changeIdentity(partition, error)
        return
      case 'too-large':
        void this.#makeSmaller(partition, unit, error)
        return
      case 'blocked':
        this.block(partition, error)
    }
  }

  /**
   * The broker lost or mistrusts its state of our producer in this partition (retention, an unclean election). Everything
   * not acknowledged goes again under another producer id.
   */
  async #changeIdentity(partition: ProducerPartition, error: MirrorError): Promise<void> {
    this.#tellWaiting(partition, error)
    const identity = await this.#options.ids.otherThan(partition.identity)
    if (identity === null || this.#closed) return
    partition.adopt(identity)
    this.#pause(partition, 'timer', this.#troubleOf(partition).backoff.nextMs())
  }

  async #makeSmaller(partition: ProducerPartition, unit: SendUnit, refusal: MirrorError): Promise<void> {
    try {
      const pieces = await this.#options.oversize.repair(partition, unit)
      if (this.#closed) return
      partition.replace(unit, pieces)
      // A broker that weighs the batch has no other objection any more, and there may be nothing left to be acknowledged.
      this.healed(partition)
      partition.settleFinal()
      this.#wake(partition)
    } catch (error) {
      if (this.#closed) return
      const message = `${refusal.message}, which failed: ${asError(error).message}`
      this.block(partition, new MirrorError('MIRROR_RECORD_REFUSED', message, { cause: error }))
    }
  }

  #later(partition: ProducerPartition, pause: Pause, error: () => MirrorError): void {
    // Only then an error is made: thousands of partitions that wait for one broker come here every second.
    if (this.#isNews(partition)) this.#tellWaiting(partition, error())
    this.#pause(partition, pause, this.#troubleOf(partition).backoff.nextMs())
  }

  /** It has waited for so long that the operator should know, and does not yet. */
  #isNews(partition: ProducerPartition): boolean {
    const { told, sinceMs } = this.#troubleOf(partition)
    return told === 'nothing' && this.#options.clock.monotonic() - sinceMs >= quietMs
  }

  #tellWaiting(partition: ProducerPartition, error: MirrorError): void {
    const trouble = this.#troubleOf(partition)
    if (trouble.told !== 'nothing') return
    trouble.told = 'waiting'
    const { logger } = this.#options
    const message = `${error.message} (tried again until the target takes it)`
    if (this.#waiting.size > 0) logger.debug({ code: error.code }, message)
    else logger.warn({ code: error.code }, `${message}; other partitions may wait too, which is logged at debug`)
    this.#waiting.add(partition)
  }

  #pause(partition: ProducerPartition, pause: Pause, delayMs: number): void {
    partition.pause = pause
    this.#troubleOf(partition).cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#wake(partition)
    })
  }

  #wake(partition: ProducerPartition): void {
    if (this.#closed) return
    partition.pause = 'no'
    this.#options.wake(partition)
  }

  #troubleOf(partition: ProducerPartition): PartitionTrouble {
    const { clock, random } = this.#options
    partition.trouble ??= {
      sinceMs: clock.monotonic(),
      backoff: this.#newBackoff(),
      slowBackoff: new Backoff(slowRetry, random),
      told: 'nothing',
      unclearAnswers: 0,
      cancelTimer: null
    }
    return partition.trouble
  }

  #newBackoff(): Backoff {
    const { settings, random } = this.#options
    return new Backoff({ initialMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs }, random)
  }
}

function nameOf({ topic, partition }: ProducerPartition): { readonly topic: string; readonly partition: number } {
  return { topic, partition }
}
