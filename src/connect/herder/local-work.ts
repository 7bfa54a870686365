import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type WorkItems } from '../group/worker-group.ts'
import { type ConfigSnapshot, type ConfigStore } from '../storage/config-store.ts'
import { type StatusStore, type StoredStatus } from '../storage/status-store.ts'
import { type Worker } from '../worker/worker.ts'

export interface LocalWorkOptions {
  readonly worker: Worker
  readonly config: Pick<ConfigStore, 'snapshot'>
  readonly status: StatusStore
  readonly generation: () => number
  /**
   * How long tasks may take to stop where others, or their successors, take over from them. Nobody waits for the process then,
   * and what a slow target has not acknowledged by the end is mirrored twice.
   */
  readonly handOverMs: number
  /** A connector is about to be started on the newest config. */
  readonly onConnectorStarting: (connector: string) => void
  /** A connector reached STARTED: its task configs are due. */
  readonly onConnectorStarted: (connector: string) => void
  readonly logger: Logger
}

/** How long a rebalance may wait for statuses; what is not acknowledged by then is still retried. */
const statusFlushMs = 5000

/**
 * What runs here, always started on the newest configs. The loop waits for stops, never for starts: a connector may wait
 * long for its cluster, and its state shows in its status.
 */
export class LocalWork {
  readonly #options: LocalWorkOptions

  constructor(options: LocalWorkOptions) {
    this.#options = options
  }

  /** Starts what is owned and does not run. What failed still counts as running. */
  startMissing(owned: WorkItems): void {
    const { worker, config, logger } = this.#options
    const snapshot = config.snapshot()
    const runningTasks = new Set(worker.tasks.map(taskIdText))
    const connectors = owned.connectors.filter((name) => !worker.connectors.includes(name))
    const tasks = owned.tasks.filter((id) => !runningTasks.has(taskIdText(id)))
    if (connectors.length + tasks.length === 0) return
    logger.info({ connectors, tasks: tasks.map(taskIdText) }, 'Starting connectors and tasks')
    for (const name of connectors) void this.#startConnector(name, snapshot)
    for (const id of tasks) this.#startTask(id, snapshot)
  }

  /** Resolves when the connector has stopped and starts again; what is returned settles when it has started, or failed to. */
  async restartConnector(name: string): Promise<{ readonly started: Promise<boolean> }> {
    const { worker, config } = this.#options
    await worker.stopConnectors([name])
    return { started: this.#startConnector(name, config.snapshot()) }
  }

  async restartTasks(ids: readonly ConnectorTaskId[]): Promise<void> {
    await this.#options.worker.stopTasks(ids)
    const snapshot = this.#options.config.snapshot()
    for (const id of ids) this.#startTask(id, snapshot)
  }

  /** As a restart request asks: RESTARTING is written between stop and start (spec 6.5). */
  async restartVisibly({ connectors, tasks }: WorkItems): Promise<void> {
    const { worker, status, config, generation } = this.#options
    await Promise.all([worker.stopConnectors(connectors), worker.stopTasks(tasks)])
    const restarting: StoredStatus = {
      state: 'RESTARTING',
      trace: null,
      workerId: worker.workerId,
      generation: generation(),
      version: null
    }
    for (const name of connectors) status.putConnector(name, restarting, 'plain')
    for (const id of tasks) status.putTask(id, restarting, 'plain')
    const snapshot = config.snapshot()
    for (const name of connectors) void this.#startConnector(name, snapshot)
    for (const id of tasks) this.#startTask(id, snapshot)
  }

  /** Resolves when the rebalance may go on: all stopped, and their last statuses with the brokers. */
  async revoke({ connectors, tasks }: WorkItems): Promise<void> {
    const { worker, status, config, handOverMs } = this.#options
    await Promise.all([worker.stopConnectors(connectors), worker.stopTasks(tasks, handOverMs)])
    const snapshot = config.snapshot()
    for (const name of connectors) {
      if (snapshot.connectorConfig(name) !== undefined) continue
      for (const topic of status.topics(name)) status.deleteTopic(topic, name)
    }
    if (connectors.length + tasks.length > 0) await status.flush(statusFlushMs)
  }

  overtakenTasks(ids: readonly ConnectorTaskId[]): Promise<readonly ConnectorTaskId[]> {
    return this.#options.worker.overtakenTasks(ids)
  }

  async stopTasks(ids: readonly ConnectorTaskId[]): Promise<void> {
    await this.#options.worker.stopTasks(ids)
  }

  /** Stops all at once. Statuses are not waited for: the cluster that takes them may be away. */
  async stopAll(): Promise<void> {
    const { worker } = this.#options
    await Promise.all([worker.stopConnectors(worker.connectors), worker.stopTasks(worker.tasks)])
  }

  /** Stops all local tasks of connectors; they start again, on new configs, after the rebalance that follows. */
  async stopTasksOf(connectors: ReadonlySet<string>): Promise<void> {
    const { worker, handOverMs } = this.#options
    const tasks = worker.tasks.filter(({ connector }) => connectors.has(connector))
    await worker.stopTasks(tasks, handOverMs)
  }

  /** Brings what runs here of a connector to its target state. */
  applyTargetState(name: string): void {
    const { worker, config, onConnectorStarted, logger } = this.#options
    const snapshot = config.snapshot()
    const state = snapshot.targetState(name)
    const isHere = worker.connectors.includes(name) || worker.tasks.some(({ connector }) => connector === name)
    if (state === undefined || !isHere || snapshot.connectorConfig(name) === undefined) return
    logger.info({ connector: name, state }, 'The target state changed')
    worker.setTargetState(name, state).then(
      () => {
        if (state === 'STARTED') onConnectorStarted(name)
      },
      (thrown: unknown) => {
        logger.warn({ connector: name, state, err: asError(thrown) }, 'The target state was not reached')
      }
    )
  }

  async #startConnector(name: string, snapshot: ConfigSnapshot): Promise<boolean> {
    const { worker, onConnectorStarting, onConnectorStarted, logger } = this.#options
    const config = snapshot.connectorConfig(name)
    // Deleted since the assignment was made: the next rebalance takes it away.
    if (config === undefined) return false
    onConnectorStarting(name)
    try {
      const state = await worker.startConnector(name, config, snapshot.targetState(name) ?? 'STARTED')
      if (state === 'RUNNING') onConnectorStarted(name)
      return state !== 'FAILED'
    } catch (thrown) {
      logger.error({ connector: name, err: asError(thrown) }, 'The connector could not be started')
      return false
    }
  }

  #startTask(id: ConnectorTaskId, snapshot: ConfigSnapshot): void {
    const { worker, logger } = this.#options
    // The one that the task's config was made from: a newer one may allow fewer tasks, until their new set is written.
    const connectorConfig = snapshot.appliedConnectorConfig(id.connector) ?? snapshot.connectorConfig(id.connector)
    const taskConfig = snapshot.taskConfig(id)
    if (connectorConfig === undefined || taskConfig === undefined) return
    const targetState = snapshot.targetState(id.connector) ?? 'STARTED'
    const taskCount = snapshot.taskCount(id.connector)
    try {
      worker.startTask(id, { connectorConfig, taskConfig, targetState, taskCount })
    } catch (thrown) {
      logger.error({ task: taskIdText(id), err: asError(thrown) }, 'The task could not be started')
    }
  }
}
