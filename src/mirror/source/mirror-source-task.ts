import { type Clock } from '../../base/clock.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { ByteBudget } from '../../client/byte-budget.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type FetchCursor } from '../../client/fetch-cursor.ts'
import { type FetchedBatch } from '../../client/fetched-batch.ts'
import { type FetchAssignment, RawFetcher } from '../../client/raw-fetcher.ts'
import { type AckedRun, type RefusedRecords } from '../../client/raw-producer.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type CompressionType, type ConsumerSettings } from '../../config/client-settings.ts'
import { type SourceBatch, type SourcePartition } from '../../connect/source-batch.ts'
import { type SourceTask, type SourceTaskContext } from '../../connect/source-task.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { BufferPool } from '../../net/buffer-pool.ts'
import { type MirrorMetrics } from '../metrics/mirror-metrics.ts'
import { type MetricTask } from '../metrics/route-names.ts'
import { BatchMeter } from './batch-meter.ts'
import {
  mergePoolLimits,
  relayMerged,
  relayRaw,
  type RelayedBatch,
  type RelayPartition,
  relayRewritten
} from './batch-relay.ts'
import { GapReport } from './gap-report.ts'
import { type HeldGaps } from './held-gaps.ts'
import { type OffsetLedger } from './offset-ledger.ts'
import { type LedgerStart } from './partition-ledger.ts'

export interface MirrorSourceTaskOptions {
  /** Closed by `stop`. */
  readonly source: Cluster
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly policy: Pick<ReplicationPolicy, 'formatRemoteTopic'>
  readonly partitions: readonly TopicPartition[]
  /**
   * Ids of the source topics that stored positions belong to, as far as this process has seen them: kept up to date here,
   * read by the tasks that follow. A position alone does not tell a topic from one created anew under its name.
   */
  readonly topicIds: Map<string, Buffer>
  /** `gap.policy` */
  readonly gapPolicy: 'continue' | 'fail'
  /** As `topicIds`: of all tasks of the connector in this process. */
  readonly heldGaps: HeldGaps
  readonly metrics: MirrorMetrics
  readonly metricTask: MetricTask
  /** Keeps offset map and offset syncs; called once, by the start. */
  readonly createLedger: (isLeaseHeld: () => boolean) => OffsetLedger
  readonly consumer: ConsumerSettings
  /** `consumer.poll.timeout.ms` */
  readonly pollTimeoutMs: number
  /** Bytes that this task keeps between source and target. */
  readonly budgetBytes: number
  /** Codec that every batch must have at the target; null keeps the source's. */
  readonly compressionType: CompressionType | null
  readonly clock: Clock
  readonly logger: Logger
}

/** What a position is of whose topic is gone: no topic has this id. */
const goneTopicId = Buffer.alloc(16)

/** Reads whole batches of its partitions and names their place at the target. */
export class MirrorSourceTask implements SourceTask {
  readonly #options: MirrorSourceTaskOptions
  readonly #fetcher: RawFetcher
  readonly #routes = new Map<FetchCursor, RelayPartition>()
  readonly #merged = new BufferPool(mergePoolLimits)
  readonly #gaps: GapReport
  #startPositions: readonly (bigint | undefined)[] = []
  #meter: BatchMeter | undefined
  #ledger: OffsetLedger | undefined
  #isStopped = false
  #acceptsRuns = false

  constructor(options: MirrorSourceTaskOptions) {
    const { source, consumer, budgetBytes, clock, logger } = options
    this.#options = options
    this.#gaps = new GapReport({ ...options, route: this.#route })
    this.#fetcher = new RawFetcher({
      cluster: source,
      settings: consumer,
      budget: new ByteBudget(budgetBytes),
      listener: {
        gap: (partition, gap) => {
          const index = this.#indexOf(partition)
          this.#meter?.gap(index, gap)
          this.#gaps.lost(partition, gap, this.#startPositions[index])
        },
        blocked: (partition, error) => {
          const fields = { ...this.#name(partition), err: error }
          this.#meter?.stopped(this.#indexOf(partition))
          logger.error(fields, 'A source partition cannot be read; the others go on, this one is tried again')
        },
        resumed: (partition) => {
          this.#meter?.resumed(this.#indexOf(partition))
          logger.info(this.#name(partition), 'The source partition is read again')
        }
      },
      clock,
      logger
    })
  }

  get stopsAtRefusal(): boolean {
    return this.#options.gapPolicy === 'fail'
  }

  async start(context: SourceTaskContext): Promise<void> {
    // A ledger that is made now would never be closed.
    if (this.#isStopped) return
    this.#acceptsRuns = context.acceptsRuns === true
    const { partitions, sourceAlias, policy, logger } = this.#options
    const routes = partitions.map(({ topic, partition }, index) => ({
      index,
      // Member order is that of the reference's stored keys (spec 5.4).
      sourcePartition: { fields: { cluster: sourceAlias, partition, topic } },
      sourceTopic: topic,
      partition,
      targetTopic: policy.formatRemoteTopic(sourceAlias, topic)
    }))
    const ledger = this.#options.createLedger(() => context.isLeaseHeld())
    this.#ledger = ledger
    const [stored] = await Promise.all([
      context.storedOffsets(routes.map((route): SourcePartition => route.sourcePartition)),
      ledger.open()
    ])
    if (this.#isStopping()) return
    // The stored offset is that of the last mirrored record; a negative one counts as none (spec 7.1).
    this.#startPositions = stored.map((offset) => (offset === undefined || offset < 0n ? undefined : offset + 1n))
    const assignments = partitions.map((partition, index) => this.#assignment(partition, this.#startPositions[index]))
    await ledger.start(routes, assignments)
    if (this.#isStopping()) return
    const { metrics, metricTask } = this.#options
    const targets = routes.map(({ targetTopic: topic, partition }) => ({ topic, partition }))
    this.#meter = new BatchMeter(metrics, metricTask, targets)
    const cursors = this.#fetcher.assign(assignments)
    this.#meter.follow(cursors)
    for (const [index, route] of routes.entries()) {
      const cursor = cursors[index]
      if (cursor !== undefined) this.#routes.set(cursor, route)
    }
    const withoutOffset = stored.filter((offset) => offset === undefined).length
    logger.info({ partitions: partitions.length, withoutOffset }, 'The source task has started')
  }

  async poll(): Promise<readonly SourceBatch[]> {
    const batches: RelayedBatch[] = []
    const rejected = new Set<FetchCursor>()
    const polled = await this.#fetcher.poll(this.#options.pollTimeoutMs)
    // A gap is met before anything behind it is fetched, so that nothing of that can be in here before the error is.
    if (this.#gaps.failure !== undefined) {
      for (const fetched of polled) fetched.release()
      throw this.#gaps.failure
    }
    for (const fetched of polled) {
      const whole = rejected.has(fetched.cursor) ? undefined : this.#relayWhole(fetched)
      if (whole !== undefined) batches.push(whole)
      else
        for (const part of fetched.batchCount > 1 ? fetched.split() : [fetched])
          await this.#relay(part, batches, rejected)
    }
    this.#meter?.polled(batches)
    return batches
  }

  batchSettled(batch: SourceBatch, runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void {
    this.#ledger?.settled(batch, runs)
    this.#meter?.settled(batch, refused)
    for (const each of refused) this.#gaps.refused(batch, each)
  }

  async prepareCommit(): Promise<void> {
    await this.#ledger?.prepareCommit()
  }

  commit(): Promise<void> {
    this.#ledger?.commit()
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#fetcher.close()
    for (const { topic, topicId } of this.#fetcher.cursors) {
      if (topicId !== null) this.#options.topicIds.set(topic, topicId)
    }
    await this.#options.source.close()
  }

  async close(): Promise<void> {
    this.#meter?.close()
    await this.#ledger?.close()
  }

  /** @throws MirrorError MIRROR_SOURCE_GAP where the task met a gap before, and is to fail at it until an operator acts */
  #assignment(partition: TopicPartition, position: bigint | undefined): FetchAssignment & LedgerStart {
    const { topicIds, heldGaps, gapPolicy } = this.#options
    const held = heldGaps.at(partition, position)
    // The map first: since this process saw the topic, another one may have mirrored the next of that name.
    const topicId = this.#ledger?.sourceTopicId(partition, position) ?? topicIds.get(partition.topic) ?? null
    const assignment = { ...partition, position, topicId }
    if (held === undefined) return assignment
    if (gapPolicy === 'fail') throw held.error
    heldGaps.release(partition)
    // As if it had been gone past at once; the log may have changed since, and no longer show it.
    if (held.kind === 'truncated') return { ...assignment, position: undefined }
    return held.kind === 'recreated' ? { ...assignment, topicId: goneTopicId } : assignment
  }

  /** Without reading it, or as one batch of small ones; undefined when it must go in parts, or be rewritten. */
  #relayWhole(fetched: FetchedBatch): RelayedBatch | undefined {
    const { compressionType } = this.#options
    const route = this.#routeOf(fetched)
    if (fetched.isToMerge) {
      return compressionType === null || compressionType === 'none' ? this.#merge(route, fetched) : undefined
    }
    if (fetched.batchCount > 1 && !this.#acceptsRuns) return undefined
    return relayRaw(route, fetched, compressionType)
  }

  /** Undefined when one of them is corrupt. */
  #merge(route: RelayPartition, fetched: FetchedBatch): RelayedBatch | undefined {
    try {
      return relayMerged(route, fetched, this.#merged)
    } catch {
      return undefined
    }
  }

  async #relay(fetched: FetchedBatch, batches: RelayedBatch[], rejected: Set<FetchCursor>): Promise<void> {
    if (rejected.has(fetched.cursor)) {
      this.#fetcher.putBack(fetched)
      return
    }
    const route = this.#routeOf(fetched)
    const relayed = relayRaw(route, fetched, this.#options.compressionType) ?? (await this.#rewrite(route, fetched))
    if (relayed === undefined) rejected.add(fetched.cursor)
    else batches.push(relayed)
  }

  async #rewrite(route: RelayPartition, fetched: FetchedBatch): Promise<RelayedBatch | undefined> {
    try {
      return await relayRewritten(route, fetched, this.#options.compressionType)
    } catch (thrown) {
      const cause = asError(thrown)
      const message = `${this.#route}: the batch of ${route.sourceTopic}-${route.partition} that ends at offset ${fetched.lastOffset} cannot be decoded: ${cause.message}`
      this.#fetcher.reject(fetched, new MirrorError('MIRROR_BATCH_INVALID', message, { cause }))
      return undefined
    }
  }

  #routeOf({ cursor }: FetchedBatch): RelayPartition {
    const route = this.#routes.get(cursor)
    if (route === undefined) throw new Error(`${cursor.topic}-${cursor.partition} is not assigned to this task`)
    return route
  }

  /** It may have been stopped while something was waited for. */
  #isStopping(): boolean {
    return this.#isStopped
  }

  #indexOf({ topic, partition }: TopicPartition): number {
    return this.#options.partitions.findIndex((each) => each.topic === topic && each.partition === partition)
  }

  get #route(): string {
    return `${this.#options.sourceAlias}->${this.#options.targetAlias}`
  }

  #name({ topic, partition }: TopicPartition): { route: string; topicPartition: string } {
    return { route: this.#route, topicPartition: topicPartitionKey(topic, partition) }
  }
}
