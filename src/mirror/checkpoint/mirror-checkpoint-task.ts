import { setImmediate } from 'node:timers/promises'
import { type Clock, endsWithin, sleep } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type Cluster } from '../../client/cluster.ts'
import { fetchOffsetsOfGroups, type GroupCluster, type GroupOffset } from '../../client/consumer-groups.ts'
import { type SourceBatch } from '../../connect/source-batch.ts'
import { type AckedRun, type RefusedRecords, type SourceTask } from '../../connect/source-task.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { PeriodicJob } from '../periodic-job.ts'
import { CheckpointBatches } from './checkpoint-batches.ts'
import { type CheckpointInputs } from './checkpoint-inputs.ts'
import { type CheckpointStore } from './checkpoint-store.ts'
import { type CheckpointObserver, type CheckpointTranslation, type NewCheckpoint } from './checkpoint-translation.ts'
import { type GroupOffsetSync } from './group-offset-sync.ts'
import { type TargetTopics } from './target-topics.ts'
import { withVoidPredecessors } from './void-predecessors.ts'

/** What is handed in and can be closed is closed by `close`, but for the observer. */
export interface MirrorCheckpointTaskOptions {
  /** For messages: `A->B`. */
  readonly route: string
  readonly groups: readonly string[]
  /** Of the checkpoints. */
  readonly topic: string
  readonly emitIntervalMs: number
  /** Null: nothing is written into groups of the target. */
  readonly syncGroupOffsetsIntervalMs: number | null
  readonly pollTimeoutMs: number
  readonly adminTimeoutMs: number
  readonly source: GroupCluster
  readonly target: Cluster
  readonly targetTopics: Pick<TargetTopics, 'refresh'>
  readonly store: Pick<CheckpointStore, 'last'>
  readonly inputs: Pick<CheckpointInputs, 'start' | 'close'>
  readonly translation: CheckpointTranslation
  readonly groupSync: Pick<GroupOffsetSync, 'run'>
  /** Undefined: none is kept. */
  readonly offsetMap:
    { readonly isUsable: boolean; readonly opened: Promise<void>; readToEnd(): Promise<void> } | undefined
  readonly observer: Pick<CheckpointObserver, 'acknowledged' | 'close'>
  /** Closes the clients and whatever else was opened for the task. */
  readonly close: () => Promise<void>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

type GroupOffsets = ReadonlyMap<string, readonly GroupOffset[] | Error>

/** A first round goes without an offset map that does not open by then: as by the reference, and better once it has. */
const openMapWithinMs = 30_000
/** The offset map's end is waited for no longer: the mirror itself may be away. */
const catchUpWithinMs = 10_000
/** How often it is looked whether more positions have become exact. */
const refineEveryMs = 1000
/** Many thousand groups take seconds, and heartbeats of the worker's group must go out meanwhile. */
const longestTurnMs = 20

/**
 * Emits checkpoints of its groups (spec 9.4): a round over all that they have committed at each interval, and in between what has
 * become exact since. Writes them into the groups of the target too, if wanted.
 */
export class MirrorCheckpointTask implements SourceTask {
  readonly #options: MirrorCheckpointTaskOptions
  readonly #failures = new LastingFailures()
  readonly #stopping = new AbortController()
  readonly #whenStopping = deferred<undefined>()
  readonly #syncing: PeriodicJob | undefined
  readonly #batches: CheckpointBatches
  #ready: Promise<void> | undefined
  #isReady = false
  #isResumed = false
  /** A round whose offsets are on their way. */
  #fetching: Promise<GroupOffsets> | undefined
  #nextRoundAtMs = 0
  #nextRefineAtMs = 0
  #turnEndsAtMs = 0

  constructor(options: MirrorCheckpointTaskOptions) {
    const { syncGroupOffsetsIntervalMs: intervalMs, adminTimeoutMs: slowAfterMs, groupSync, target, route } = options
    this.#options = options
    this.#batches = new CheckpointBatches(options.topic)
    if (intervalMs === null) return
    const run = async (): Promise<boolean> => {
      await groupSync.run()
      return true
    }
    const subject = `The group offsets of ${route}`
    this.#syncing = new PeriodicJob({
      ...options,
      ...{ subject, deed: 'synced', intervalMs, slowAfterMs, run },
      isAway: () => !target.isReachable
    })
  }

  /** What was written before is read in the background: it may have to wait for a cluster. */
  start(): Promise<void> {
    const { inputs, offsetMap, groups, clock, logger, syncGroupOffsetsIntervalMs } = this.#options
    logger.info({ groups }, 'The checkpoint task has started')
    const opened = offsetMap === undefined ? undefined : endsWithin(clock, openMapWithinMs, offsetMap.opened)
    this.#ready = Promise.all([inputs.start(), opened]).then(() => {
      this.#isReady = true
    })
    if (this.#syncing !== undefined && syncGroupOffsetsIntervalMs !== null) {
      void this.#syncAfter(this.#syncing, syncGroupOffsetsIntervalMs, clock)
    }
    return Promise.resolve()
  }

  async poll(): Promise<readonly SourceBatch[]> {
    const { clock, translation, emitIntervalMs } = this.#options
    await this.#untilDue()
    if (!this.#isReady || this.#isStopping()) return []
    if (!this.#isResumed) {
      this.#isResumed = true
      await this.#catchUp(translation.resume())
    }
    const nowMs = clock.monotonic()
    if (nowMs >= this.#nextRoundAtMs && this.#fetching === undefined) {
      this.#nextRoundAtMs = nowMs + emitIntervalMs
      this.#fetching = this.#fetch()
    }
    if (this.#fetching !== undefined) {
      const fetched = await this.#fetchedSoon(this.#fetching)
      if (fetched !== undefined) return await this.#emit(await this.#takeAll(fetched))
    }
    if (clock.monotonic() < this.#nextRefineAtMs) return []
    this.#nextRefineAtMs = clock.monotonic() + refineEveryMs
    return await this.#emit(translation.refine())
  }

  batchSettled(batch: SourceBatch, _runs: readonly AckedRun[], [refused]: readonly RefusedRecords[]): void {
    const emitted = this.#batches.emittedIn(batch)
    if (emitted === undefined) return
    const { consumerGroupId, topic, partition } = emitted.of
    if (refused === undefined) {
      this.#options.observer.acknowledged(consumerGroupId, { topic, partition }, emitted.atMs)
      return
    }
    this.#tell(`checkpoint of ${consumerGroupId}`, refused.error, `a checkpoint of group ${consumerGroupId} is refused`)
  }

  async commit(): Promise<void> {
    // Positions mean nothing here: they are always 0.
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#whenStopping.resolve(undefined)
    this.#syncing?.stop()
    this.#options.inputs.close()
    await this.#options.close()
  }

  close(): Promise<void> {
    this.#options.observer.close()
    return Promise.resolve()
  }

  /** The first time after one interval: by then there are checkpoints to go by. */
  async #syncAfter(syncing: PeriodicJob, intervalMs: number, clock: Clock): Promise<void> {
    await this.#ready
    await sleep(clock, intervalMs, this.#stopping.signal)
    await syncing.start()
  }

  /** Until there is something to do, or `consumer.poll.timeout.ms` is over. */
  async #untilDue(): Promise<void> {
    const { clock, pollTimeoutMs, translation } = this.#options
    const { signal } = this.#stopping
    if (!this.#isReady) {
      await this.#unlessStopped(pollTimeoutMs, this.#ready ?? Promise.resolve())
      return
    }
    const dueAtMs = translation.isOpen ? Math.min(this.#nextRoundAtMs, this.#nextRefineAtMs) : this.#nextRoundAtMs
    const waitMs = Math.min(dueAtMs - clock.monotonic(), pollTimeoutMs)
    if (waitMs > 0) await sleep(clock, waitMs, signal)
  }

  /** Rejects only when the client is closed. */
  async #fetch(): Promise<GroupOffsets> {
    const { source, groups } = this.#options
    return await fetchOffsetsOfGroups(source, groups)
  }

  /** Undefined when it takes longer: a source that is away must not keep what is known of it from being refined. */
  async #fetchedSoon(fetching: Promise<GroupOffsets>): Promise<GroupOffsets | undefined> {
    let fetched: GroupOffsets | undefined
    const end = fetching.then(
      (offsets) => {
        fetched = offsets
        this.#fetching = undefined
      },
      (thrown: unknown) => {
        this.#fetching = undefined
        this.#tell('offsets', asError(thrown), 'committed offsets cannot be read')
      }
    )
    await this.#unlessStopped(refineEveryMs, end)
    return fetched
  }

  async #takeAll(fetched: GroupOffsets): Promise<NewCheckpoint[]> {
    await this.#catchUp(topicsOf(fetched))
    const emitted: NewCheckpoint[] = []
    for (const [group, offsets] of fetched) {
      await this.#giveWay()
      emitted.push(...this.#take(group, offsets))
    }
    return [...emitted, ...(await this.#released(this.#options.translation.takeHeld()))]
  }

  #take(group: string, offsets: readonly GroupOffset[] | Error): NewCheckpoint[] {
    const subject = `group ${group}`
    try {
      if (offsets instanceof Error) throw offsets
      const emitted = this.#options.translation.take(group, offsets)
      if (this.#failures.ended(subject)) {
        this.#options.logger.info({ group }, `${this.#options.route}: group ${group} gets checkpoints again`)
      }
      return emitted
    } catch (thrown) {
      this.#tell(subject, asError(thrown), `group ${group} gets no checkpoints for now`)
      return []
    }
  }

  /** So that whatever has been mirrored by now is known. Best effort: without, checkpoints are less exact. */
  async #catchUp(topics: ReadonlySet<string>): Promise<void> {
    const { offsetMap, targetTopics } = this.#options
    if (offsetMap?.isUsable !== true) return
    await this.#unlessStopped(
      catchUpWithinMs,
      Promise.allSettled([offsetMap.readToEnd(), targetTopics.refresh(topics)])
    )
  }

  async #released(held: readonly NewCheckpoint[]): Promise<NewCheckpoint[]> {
    const { target, store, translation } = this.#options
    const released = await withVoidPredecessors(held, store, target)
    for (const one of released) translation.release(one)
    return released
  }

  async #emit(checkpoints: readonly NewCheckpoint[]): Promise<SourceBatch[]> {
    const atMs = this.#options.clock.now()
    const batches: SourceBatch[] = []
    for (const one of checkpoints) {
      await this.#giveWay()
      batches.push(await this.#batches.make(one, atMs))
    }
    return batches
  }

  /** Lets other work of the process have its turn. */
  async #giveWay(): Promise<void> {
    const { clock } = this.#options
    if (clock.monotonic() < this.#turnEndsAtMs) return
    await setImmediate()
    this.#turnEndsAtMs = clock.monotonic() + longestTurnMs
  }

  /** Waits until it ends, the time is over, or the task is stopped. */
  async #unlessStopped(timeoutMs: number, ending: Promise<unknown>): Promise<void> {
    await endsWithin(this.#options.clock, timeoutMs, Promise.race([ending, this.#whenStopping.promise]))
  }

  #tell(subject: string, error: Error, message: string): void {
    const isClosed = error instanceof MirrorError && error.code === 'MIRROR_CLOSED'
    if (this.#isStopping() || isClosed || !this.#failures.isNew(subject, error)) return
    const { route, logger } = this.#options
    logger.warn({ err: error }, `${route}: ${message}: ${error.message}`)
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }
}

function topicsOf(fetched: GroupOffsets): Set<string> {
  const topics = new Set<string>()
  for (const offsets of fetched.values()) {
    if (!(offsets instanceof Error)) for (const { topic } of offsets) topics.add(topic)
  }
  return topics
}
