import { endsWithin } from '../../base/clock.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type ConnectWorkerOptions } from './connect-worker-options.ts'
import { resolveConfig } from './resolve-config.ts'
import { requireConnector, type RunningTask, startWorkerTask } from './start-task.ts'
import { StatusReporter } from './status-reporter.ts'
import { checkTaskCount, maxTasks, storedTaskConfigs, TooManyTasksError } from './task-configs.ts'
import { type TaskStart, type Worker } from './worker.ts'
import { type ReachedState, WorkerConnector } from './worker-connector.ts'
import { type ConnectorObserver, silentWorkerObserver, type WorkerObserver } from './worker-observer.ts'

interface RunningConnector {
  readonly connector: WorkerConnector
  readonly plugin: SourceConnectorPlugin
  readonly observer: ConnectorObserver
}

/** Part of a stop's time that is kept for storing positions and closing, once nothing is waited for any more. */
const longestClosingMs = 1000

/**
 * Runs connectors and tasks in this process (spec 4). What cannot even be made is FAILED and not kept, as in the reference;
 * what fails later is kept until it is stopped.
 */
export class ConnectWorker implements Worker {
  readonly #options: ConnectWorkerOptions
  readonly #observer: WorkerObserver
  readonly #statuses: StatusReporter
  readonly #connectors = new Map<string, RunningConnector>()
  readonly #tasks = new Map<string, RunningTask>()
  #isLeaseHeld: () => boolean = () => true

  constructor(options: ConnectWorkerOptions) {
    this.#options = options
    this.#observer = options.observer ?? silentWorkerObserver
    this.#statuses = new StatusReporter(options.workerId, options.statusStore)
  }

  get workerId(): string {
    return this.#options.workerId
  }

  get connectors(): readonly string[] {
    return [...this.#connectors.keys()].sort()
  }

  get tasks(): readonly ConnectorTaskId[] {
    return [...this.#tasks.values()]
      .map(({ id }) => id)
      .sort((a, b) => (a.connector === b.connector ? a.task - b.task : a.connector < b.connector ? -1 : 1))
  }

  isRunning(connector: string): boolean {
    return this.#connectors.has(connector)
  }

  setGeneration(generation: number): void {
    this.#statuses.generation = generation
  }

  setLease(isHeld: () => boolean): void {
    this.#isLeaseHeld = isHeld
  }

  resolve(config: ConnectorConfig): ConnectorConfig {
    return resolveConfig(config, this.#options.configProviders)
  }

  async startConnector(name: string, config: ConnectorConfig, targetState: TargetState): Promise<ReachedState> {
    if (this.#connectors.has(name)) throw new MirrorError('MIRROR_REQUEST', `Connector ${name} runs here already`)
    const { listener, clock, logger } = this.#options
    let plugin: SourceConnectorPlugin | undefined
    try {
      const resolved = this.resolve(config)
      const found = requireConnector(this.#options, resolved)
      plugin = found
      const observer = this.#observer.connector(name, plugin)
      const write = this.#statuses.connector(name, plugin.version)
      const connector = new WorkerConnector({
        name,
        create: () =>
          // Looked up anew at each start: a secret may have changed meanwhile.
          found.createConnector(this.resolve(config), {
            connector: name,
            task: null,
            logger: logger.child({ connector: name })
          }),
        onReconfigurationRequest: () => {
          listener.taskReconfigurationRequested(name)
        },
        report: (state, error) => {
          observer.stateChanged(state)
          if (error !== undefined) logger.error({ connector: name, err: error }, 'The connector has failed')
          write(state, error)
        },
        clock,
        logger
      })
      this.#connectors.set(name, { connector, plugin, observer })
      return await connector.transitionTo(targetState)
    } catch (thrown) {
      const error = asError(thrown)
      logger.error({ connector: name, err: error }, 'The connector cannot be made from its config')
      const observer = this.#observer.connector(name, plugin)
      observer.stateChanged('FAILED')
      observer.closed()
      this.#statuses.connector(name, plugin?.version ?? null)('FAILED', error)
      return 'FAILED'
    }
  }

  async stopConnectors(names: readonly string[]): Promise<void> {
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        const running = this.#connectors.get(name)
        if (running === undefined) return
        await running.connector.stop()
        if (this.#connectors.get(name) !== running) return
        this.#connectors.delete(name)
        running.observer.closed()
      })
    )
  }

  startTask(id: ConnectorTaskId, start: TaskStart): void {
    const key = taskIdText(id)
    if (this.#tasks.has(key)) throw new MirrorError('MIRROR_REQUEST', `Task ${key} runs here already`)
    const { logger } = this.#options
    const connectorConfig = start.connectorConfig
    let plugin: SourceConnectorPlugin | undefined
    try {
      const resolved = this.resolve(connectorConfig)
      checkTaskCount(id.connector, start.taskCount, resolved, logger)
      plugin = requireConnector(this.#options, resolved)
      const running = startWorkerTask(this.#options, {
        id,
        plugin,
        connectorConfig: resolved,
        taskConfig: this.resolve(start.taskConfig),
        isPaused: start.targetState !== 'STARTED',
        isLeaseHeld: () => this.#isLeaseHeld(),
        write: this.#statuses.task(id, plugin.version),
        observer: this.#observer.task(id, plugin)
      })
      this.#tasks.set(key, running)
    } catch (thrown) {
      const error = asError(thrown)
      logger.error({ task: key, err: error }, 'The task cannot be made from its config')
      const observer = this.#observer.task(id, plugin)
      observer.stateChanged('FAILED')
      observer.closed()
      this.#statuses.task(id, plugin?.version ?? null)('FAILED', error)
    }
  }

  async stopTasks(
    ids: readonly ConnectorTaskId[],
    limitMs = this.#options.settings['task.shutdown.graceful.timeout.ms']
  ): Promise<void> {
    const { clock, logger } = this.#options
    const keys = [...new Set(ids.map(taskIdText))]
    const left = new Map(
      keys.flatMap((key) => {
        const running = this.#tasks.get(key)
        return running === undefined ? [] : [[key, running] as const]
      })
    )
    const stops = [...left].map(async ([key, running]) => {
      void running.task.stop(limitMs - Math.min(longestClosingMs, limitMs / 5))
      await running.ended
      left.delete(key)
      this.#forget(key, running)
    })
    await endsWithin(clock, limitMs, Promise.all(stops))
    for (const [key, running] of left) {
      logger.warn({ task: key, limitMs }, 'The task did not stop in time; it is cancelled')
      running.cancel()
      this.#forget(key, running)
    }
  }

  async overtakenTasks(ids: readonly ConnectorTaskId[]): Promise<readonly ConnectorTaskId[]> {
    const running = ids.flatMap((id) => this.#tasks.get(taskIdText(id)) ?? [])
    const overtaken = await Promise.all(running.map((one) => this.#isOvertaken(one)))
    return running.filter((_, index) => overtaken[index]).map(({ id }) => id)
  }

  async #isOvertaken({ id, positions }: RunningTask): Promise<boolean> {
    const { clock, settings, logger } = this.#options
    const deadline = clock.monotonic() + settings['offset.flush.timeout.ms']
    const what = `Reading the stored positions of ${taskIdText(id)}`
    try {
      return await withinLimits(positions.areChanged(), { clock, deadline, what })
    } catch (thrown) {
      logger.debug({ task: taskIdText(id), err: asError(thrown) }, 'Stored positions could not be read')
      return true
    }
  }

  async setTargetState(connector: string, state: TargetState): Promise<void> {
    const tasks = [...this.#tasks.values()].filter(({ id }) => id.connector === connector)
    for (const { task } of tasks) {
      if (state === 'PAUSED') task.pause()
      if (state === 'STARTED') task.resume()
    }
    const stopped = state === 'STOPPED' ? this.stopTasks(tasks.map(({ id }) => id)) : undefined
    await this.#connectors.get(connector)?.connector.transitionTo(state)
    await stopped
  }

  async taskConfigs(name: string, config: ConnectorConfig): Promise<readonly ConnectorConfig[]> {
    const running = this.#connectors.get(name)
    const instance = running?.connector.running
    if (running === undefined || instance === undefined) {
      throw new MirrorError('MIRROR_REQUEST', `Connector ${name} is not started here: it has no task configs`)
    }
    const resolved = this.resolve(config)
    // A connector may ask for this from inside a call of its own: let that call end first.
    await Promise.resolve()
    const generated = instance.taskConfigs(maxTasks(resolved))
    try {
      checkTaskCount(name, generated.length, resolved, this.#options.logger)
    } catch (thrown) {
      if (thrown instanceof TooManyTasksError) running.connector.fail(thrown)
      throw thrown
    }
    return storedTaskConfigs(generated, config, running.plugin.taskClassName)
  }

  async stop(): Promise<void> {
    await this.stopConnectors([...this.#connectors.keys()])
    await this.stopTasks(this.tasks)
  }

  #forget(key: string, running: RunningTask): void {
    if (this.#tasks.get(key) !== running) return
    this.#tasks.delete(key)
    running.observer.closed()
  }
}
