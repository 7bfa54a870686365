import { type BackoffOptions } from '../../base/backoff.ts'
import { endsWithin, untilTickMs } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { taskIdText } from '../connector-task-id.ts'
import { type WorkerAssignment, type WorkerGroup } from '../group/worker-group.ts'
import { silentRebalanceObserver } from '../metrics/group-observers.ts'
import { type RestartRequest } from '../storage/config-store.ts'
import { type Worker } from '../worker/worker.ts'
import { ConfigChanges } from './config-changes.ts'
import { FailureRestarts } from './failure-restarts.ts'
import { type HerderContext } from './herder-context.ts'
import { HerderHealthCheck } from './herder-health.ts'
import { type DistributedHerderOptions } from './herder-options.ts'
import { LeadershipHook } from './leadership-hook.ts'
import { LocalWork } from './local-work.ts'
import { Membership } from './membership.ts'
import { RebalanceFollowUp } from './rebalance-follow-up.ts'
import { RequestQueue } from './request-queue.ts'
import { sessionKeySettings, SessionKeys } from './session-keys.ts'
import { deleteStaleStatuses } from './status-clean-up.ts'
import { TaskReconfiguration } from './task-reconfiguration.ts'

/** How long one attempt to be a member may take before the loop looks at everything again. */
const joinTurnMs = 5000

/** The longest a turn waits for something to do: failures are found by looking at statuses. */
const idleTurnMs = 1000

/** Of rebalance.timeout.ms, for tasks to stop in a rebalance: after all of it the group goes on without this worker. */
const handOverShare = 0.5

/** Time to shut down in after an error that ended the loop. */
const shutDownMs = 10_000

const slowRestart: BackoffOptions = { initialMs: 5000, maxMs: 300_000 }

/**
 * Runs one worker's share of a Connect group. One loop does everything that changes state, turn by turn: it takes part in
 * the group, starts what is assigned, serves requests and applies what the config topic tells (spec 3.3). Everybody else
 * leaves word (a queued request, a config change) and wakes it.
 */
export class HerderLoop {
  /** Settles when the loop has ended: undefined after `stop`, the error that ended it otherwise. Never rejects. */
  readonly done: Promise<Error | undefined>
  readonly group: WorkerGroup
  readonly health: HerderHealthCheck
  /** What serving a request takes. */
  readonly context: HerderContext
  readonly #options: DistributedHerderOptions
  readonly #worker: Worker
  readonly #membership: Membership
  readonly #queue: RequestQueue
  readonly #changes: ConfigChanges
  readonly #work: LocalWork
  readonly #followUp: RebalanceFollowUp
  readonly #reconfiguration: TaskReconfiguration
  readonly #sessionKeys: SessionKeys
  readonly #failures: FailureRestarts
  readonly #leadership: LeadershipHook
  readonly #executeRestart: (request: RestartRequest) => Promise<void>
  readonly #stopping = new AbortController()
  readonly #ended = deferred<Error | undefined>()
  #isRunning = false
  #settled: WorkerAssignment | undefined
  /** Of the monotonic clock. */
  #stopDeadlineMs: number | undefined
  #stopped: Promise<void> | undefined

  /** @param executeRestart this worker's share of a restart that was read from the config topic */
  constructor(options: DistributedHerderOptions, executeRestart: (request: RestartRequest) => Promise<void>) {
    const { stores, settings, clock, random, logger, restartBackoff: pauses = slowRestart } = options
    const { config, status } = stores
    this.#options = options
    this.#executeRestart = executeRestart
    this.done = this.#ended.promise
    this.group = options.createGroup({
      configSnapshot: () => {
        this.#changes.joining()
        return config.snapshot()
      },
      revoke: (items) => this.#work.revoke(items),
      takeUpAgain: (kept) => this.#followUp.takeUpAgain(kept),
      revokeAll: (reason) => this.#revokeAll(reason)
    })
    const group = this.group
    const membership = new Membership(group)
    const queue = new RequestQueue(clock, () => {
      group.wake()
    })
    const changes = new ConfigChanges(() => {
      group.wake()
    }, options.onLoggerLevel)
    this.#worker = options.createWorker({
      taskReconfigurationRequested: (connector) => {
        this.#reconfiguration.request(connector)
      }
    })
    const worker = this.#worker
    worker.setLease(() => this.isLeaseHeld)
    const { submitTaskConfigs } = options
    this.#reconfiguration = new TaskReconfiguration({
      ...{ worker, config, membership, queue, submitTaskConfigs, clock, random, logger }
    })
    const work = new LocalWork({
      ...{ worker, config, status, logger },
      generation: () => membership.generation,
      handOverMs: settings['rebalance.timeout.ms'] * handOverShare,
      onConnectorStarting: (connector) => {
        changes.connectorStarting(connector)
      },
      onConnectorStarted: (connector) => {
        this.#reconfiguration.request(connector)
      }
    })
    const stopping = this.#stopping.signal
    const { rebalanceObserver: observer = silentRebalanceObserver } = options
    this.#followUp = new RebalanceFollowUp({
      ...{ group, config, offsets: stores.offsets, work, changes, settings, observer, stopping, clock, logger }
    })
    const keys = { store: config, settings: sessionKeySettings(settings), clock, random, logger }
    this.#sessionKeys = new SessionKeys(keys)
    this.#failures = new FailureRestarts({ status, workerId: worker.workerId, pauses, clock, random })
    this.#leadership = new LeadershipHook({ run: options.onLeadership, membership, queue, random, logger })
    this.health = new HerderHealthCheck(clock, queue)
    this.context = { options, worker, membership, queue, work }
    this.#membership = membership
    this.#queue = queue
    this.#changes = changes
    this.#work = work
  }

  /** Whether the coordinator surely counts this worker in: else others may do its work, and it must write nothing. */
  get isLeaseHeld(): boolean {
    return this.#options.clock.monotonic() < this.group.leaseEndsAt
  }

  /** Opens the stores, then starts the loop. Waits for an absent cluster; throws MIRROR_INTERNAL_TOPIC. */
  async start(): Promise<void> {
    const { config, status, offsets } = this.#options.stores
    try {
      await Promise.all([config.start(this.#changes), status.start(), offsets.load()])
    } catch (thrown) {
      if (this.#isStopping()) return
      throw thrown
    }
    if (this.#isStopping()) return
    this.#changes.seed(config.snapshot().connectors)
    this.#isRunning = true
    void this.#run()
  }

  /**
   * Ends within about `timeoutMs`: connectors and tasks stopped, their statuses written, the group left, the stores closed.
   * Later calls wait for the first.
   */
  stop(timeoutMs: number): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs)
    return this.#stopped
  }

  async #stop(timeoutMs: number): Promise<void> {
    const { clock, logger } = this.#options
    this.#stopDeadlineMs = clock.monotonic() + timeoutMs
    this.#stopping.abort()
    if (this.#isRunning) this.group.wake()
    else
      void this.#shutDown().finally(() => {
        this.#ended.resolve(undefined)
      })
    if (await endsWithin(clock, timeoutMs, this.done)) return
    logger.warn({ timeoutMs }, 'The runtime did not stop in time; it is left behind')
    this.#closeStores()
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #run(): Promise<void> {
    let failure: Error | undefined
    try {
      while (!this.#isStopping()) await this.#turn()
    } catch (thrown) {
      failure = asError(thrown)
      this.#options.logger.error({ err: failure }, 'The runtime cannot go on')
    }
    try {
      await this.#shutDown()
    } catch (thrown) {
      failure ??= asError(thrown)
    }
    this.#ended.resolve(failure)
  }

  async #turn(): Promise<void> {
    await this.#applyConfigChanges()
    this.health.enter('reading the config topic')
    if (!(await this.#followUp.ensureConfigsReadable())) return
    this.health.enter('joining its group')
    const assignment = await this.group.ensureMember(joinTurnMs)
    if (assignment === undefined) return
    this.#membership.take(assignment)
    this.#worker.setGeneration(assignment.generation)
    this.health.enter('starting the work that it was assigned')
    if (!(await this.#followUp.follow(assignment))) return
    this.health.enter('serving requests')
    if (assignment !== this.#settled) this.#rebalanced(assignment)
    if (assignment.isLeader && this.group.protocol === 'sessioned') await this.#sessionKeys.rotate()
    await this.#queue.runDue()
    for (const request of this.#changes.takeRestarts()) await this.#executeRestart(request)
    await this.#restartFailed()
    this.health.turnCompleted()
    this.health.enter('waiting for its group')
    await this.#waitForWork()
  }

  /** A rebalance without revocations is over and its work is started. */
  #rebalanced(assignment: WorkerAssignment): void {
    const { config, status } = this.#options.stores
    this.#settled = assignment
    if (assignment.isLeader) deleteStaleStatuses(status, config.snapshot())
    this.#leadership.rebalanced(assignment.isLeader)
  }

  /**
   * Before the group is joined: nobody may start the successors of tasks that still run here on old configs, and all members
   * join before anybody starts something (spec 3.3).
   */
  async #applyConfigChanges(): Promise<void> {
    if (!this.#changes.isPending) return
    this.health.enter('applying config changes')
    const { rejoinReason, connectors, targetStates, taskConfigs } = this.#changes.take()
    if (taskConfigs.size > 0) await this.#work.stopTasksOf(taskConfigs)
    const reason = rejoinReason ?? (taskConfigs.size > 0 ? 'task configs changed' : undefined)
    if (reason !== undefined) this.group.requestRejoin(reason)
    const restarted = this.#worker.connectors.filter((name) => connectors.has(name))
    if (restarted.length > 0) {
      this.#options.logger.info({ connectors: restarted }, 'Connectors are started again: their configs changed')
      await Promise.all(restarted.map((name) => this.#work.restartConnector(name)))
    }
    for (const name of targetStates) this.#work.applyTargetState(name)
  }

  async #restartFailed(): Promise<void> {
    const { connectors, tasks } = this.#failures.takeDue(this.#membership.owned)
    if (connectors.length + tasks.length === 0) return
    this.#options.logger.warn({ connectors, tasks: tasks.map(taskIdText) }, 'Starting what is FAILED again')
    await Promise.all([
      ...connectors.map((name) => this.#work.restartConnector(name)),
      ...(tasks.length > 0 ? [this.#work.restartTasks(tasks)] : [])
    ])
  }

  async #waitForWork(): Promise<void> {
    if (this.#isStopping() || this.#changes.isPending || this.group.isRejoinNeeded) return
    const dueMs = [this.#queue.nextDueMs, this.#followUp.nextDueMs].map((due) => due ?? Infinity)
    await this.group.waitForEvent(Math.min(untilTickMs(this.#options.clock, idleTurnMs), ...dueMs))
  }

  async #revokeAll(reason: string): Promise<void> {
    this.#options.logger.info({ reason }, 'All connectors and tasks stop')
    this.#membership.lose()
    await this.#work.stopAll()
  }

  /** In the order of spec 4.6; the tasks' last positions are stored while this worker still counts as a member. */
  async #shutDown(): Promise<void> {
    const { stores, clock } = this.#options
    const deadlineMs = this.#stopDeadlineMs ?? clock.monotonic() + shutDownMs
    const remainingMs = (): number => Math.max(0, deadlineMs - clock.monotonic())
    await this.#worker.stopConnectors(this.#worker.connectors)
    await this.#worker.stopTasks(this.#worker.tasks)
    this.#queue.close(new MirrorError('MIRROR_CLOSED', 'The runtime is stopping; send the request to another worker'))
    await stores.status.flush(remainingMs())
    await this.group.close(remainingMs())
    await this.#worker.stop()
    this.#closeStores()
  }

  #closeStores(): void {
    const { config, status, offsets } = this.#options.stores
    status.close()
    config.close()
    offsets.close()
  }
}
