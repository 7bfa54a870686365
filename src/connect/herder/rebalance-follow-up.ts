import { type Clock, sleep } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { taskIdText } from '../connector-task-id.ts'
import { type WorkerAssignment, type WorkerGroup, type WorkItems } from '../group/worker-group.ts'
import { type RebalanceObserver } from '../metrics/group-observers.ts'
import { type ConfigStore } from '../storage/config-store.ts'
import { type ConfigChanges } from './config-changes.ts'
import { type ConnectorOffsets, type HerderSettings } from './herder-options.ts'
import { type LocalWork } from './local-work.ts'

export interface RebalanceFollowUpOptions {
  readonly group: Pick<WorkerGroup, 'leave' | 'requestRejoin' | 'protocol'>
  readonly config: Pick<ConfigStore, 'snapshot' | 'refresh'>
  readonly offsets: Pick<ConnectorOffsets, 'dropWrites'>
  readonly work: LocalWork
  readonly changes: ConfigChanges
  readonly settings: HerderSettings
  readonly observer: RebalanceObserver
  /** Ends pauses. */
  readonly stopping: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
}

/** Of `scheduled.rebalance.max.delay.ms` / 10: how a worker that cannot read the configs waits, attempt by attempt. */
const pauseShares = [1 / 5, 1 / 4, 1 / 3, 1 / 2, 1]
const shortestPauseMs = 250

/**
 * What follows a rebalance until its work is started (spec 3.3): nobody starts anything on other configs than the leader
 * assigned by, so a worker that is behind reads on, and one that is ahead asks for another round.
 */
export class RebalanceFollowUp {
  readonly #options: RebalanceFollowUpOptions
  /** Whose work is started. */
  #resolved: WorkerAssignment | undefined
  /** Whose delay is counted. */
  #seen: WorkerAssignment | undefined
  #rejoinAtMs: number | undefined
  #areConfigsReadable = true
  #failures = 0

  constructor(options: RebalanceFollowUpOptions) {
    this.#options = options
  }

  /** Time until a delayed rebalance is due; undefined when there is none. */
  get nextDueMs(): number | undefined {
    return this.#rejoinAtMs === undefined ? undefined : Math.max(0, this.#rejoinAtMs - this.#options.clock.monotonic())
  }

  /** Before a join. False after a pause when the config topic still cannot be read: joining would delay everybody. */
  async ensureConfigsReadable(): Promise<boolean> {
    if (!this.#areConfigsReadable) this.#areConfigsReadable = await this.#readConfigs()
    return this.#areConfigsReadable
  }

  /** True when the assignment holds and its work is started; false: to the group again. */
  async follow(assignment: WorkerAssignment): Promise<boolean> {
    const { work, changes, observer } = this.#options
    if (assignment !== this.#seen) this.#see(assignment)
    if (this.#isDelayOver()) return this.#rejoin('the delayed rebalance is due')
    if (assignment === this.#resolved) return true
    if (!(await this.#agreeOnConfigs(assignment))) return false
    // Tasks on old configs are stopped before the next join, so that nobody starts their successors beside them.
    if (changes.hasTaskConfigs) return false
    work.startMissing(assignment.owned)
    this.#resolved = assignment
    observer.workStarted()
    if (isAny(assignment.revoked)) return this.#rejoin('what was revoked can be given to others')
    return true
  }

  /**
   * This worker was cut off, and others may have run `tasks` meanwhile, on newer configs perhaps. Stops those of which
   * that is so or cannot be known; they start again with the rest of the assignment, from the stored positions.
   */
  async takeUpAgain({ tasks }: WorkItems): Promise<void> {
    const { config, offsets, work, changes, settings, logger } = this.#options
    await offsets.dropWrites()
    if (tasks.length === 0) return
    let outdated = tasks
    try {
      await config.refresh(settings['worker.sync.timeout.ms'])
      const overtaken = new Set((await work.overtakenTasks(tasks)).map(taskIdText))
      outdated = tasks.filter((id) => overtaken.has(taskIdText(id)) || changes.hasTaskConfigsOf(id.connector))
    } catch (thrown) {
      logger.debug({ err: asError(thrown) }, 'The config topic could not be read')
    }
    if (outdated.length === 0) return
    logger.warn(
      { tasks: outdated.map(taskIdText) },
      'This worker was cut off from its group, and others may have run its tasks: they start again from the stored positions'
    )
    await work.stopTasks(outdated)
  }

  #see(assignment: WorkerAssignment): void {
    const { group, observer, clock } = this.#options
    const { generation, leaderUrl, delayMs } = assignment
    this.#seen = assignment
    this.#rejoinAtMs = delayMs > 0 ? clock.monotonic() + delayMs : undefined
    observer.assigned({ protocol: group.protocol ?? 'default', leaderUrl, generation })
  }

  #isDelayOver(): boolean {
    if (this.nextDueMs !== 0) return false
    this.#rejoinAtMs = undefined
    return true
  }

  async #agreeOnConfigs({ isConfigMismatch, isLeader, configOffset }: WorkerAssignment): Promise<boolean> {
    const { config } = this.#options
    const isBehind = (): boolean => config.snapshot().offset < configOffset
    if (isBehind() || (isConfigMismatch && isLeader)) {
      this.#areConfigsReadable = await this.#readConfigs()
      if (!this.#areConfigsReadable) return false
    }
    if (isConfigMismatch) return this.#rejoin('the configs of some worker were out of date')
    if (config.snapshot().offset === configOffset) return true
    return this.#rejoin(`the configs are at ${config.snapshot().offset}, the assignment is for ${configOffset}`)
  }

  /** False after a failure and the pause that follows it; the group is left meanwhile. */
  async #readConfigs(): Promise<boolean> {
    const { config, settings, group, logger } = this.#options
    try {
      await config.refresh(settings['worker.sync.timeout.ms'])
      this.#failures = 0
      return true
    } catch (thrown) {
      const message = 'The config topic could not be read in time; the group is left until it can'
      if (this.#areConfigsReadable) logger.warn({ err: asError(thrown) }, message)
      else logger.debug({ err: asError(thrown) }, message)
      await group.leave('the config topic could not be read in time')
      await this.#pause()
      return false
    }
  }

  async #pause(): Promise<void> {
    const { clock, settings, work, group, stopping, logger } = this.#options
    const maxDelayMs = settings['scheduled.rebalance.max.delay.ms']
    const share = pauseShares[this.#failures]
    this.#failures += 1
    if (group.protocol === 'default') {
      await sleep(clock, settings['worker.unsync.backoff.ms'], stopping)
    } else if (share !== undefined) {
      await sleep(clock, Math.max((maxDelayMs / 10) * share, shortestPauseMs), stopping)
    } else {
      logger.warn({}, 'Stopping all connectors and tasks: the config topic cannot be read, others may run them by now')
      await work.stopAll()
      this.#failures = 0
    }
  }

  #rejoin(reason: string): false {
    this.#options.group.requestRejoin(reason)
    return false
  }
}

function isAny({ connectors, tasks }: WorkerAssignment['revoked']): boolean {
  return connectors.length + tasks.length > 0
}
