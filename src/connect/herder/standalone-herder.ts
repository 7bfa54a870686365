import { Backoff, type BackoffOptions } from '../../base/backoff.ts'
import { type CancelTimer, type Clock, sleep } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type SourceConnector, type TaskConfig } from '../source-connector.ts'
import { type HerderStatus, type RunStatus, type StartTask } from './task-handle.ts'
import { SupervisedTask } from './supervised-task.ts'

export interface StandaloneHerderOptions {
  /** For log lines. */
  readonly connectorName: string
  readonly connector: SourceConnector
  readonly startTask: StartTask
  /** `tasks.max` */
  readonly maxTasks: number
  /** How long a stop waits for tasks and connector. */
  readonly stopGraceMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Pauses before a failed connector or task is started again. Default from 5 s to 5 min. */
  readonly restartBackoff?: BackoffOptions
}

/** Nobody waits for the process here: what a slow target has not acknowledged yet would be mirrored twice. */
const reconfigurationDrainMs = 60_000

const slowRestart: BackoffOptions = { initialMs: 5000, maxMs: 300_000 }

/**
 * Runs one source connector and all its tasks in this process. Reconfigurations follow each other and never overlap; a
 * task whose config stays the same runs on through them.
 */
export class StandaloneHerder {
  readonly #options: StandaloneHerderOptions
  readonly #backoff: Backoff
  #connectorStatus: RunStatus = { state: 'UNASSIGNED' }
  #tasks: SupervisedTask[] = []
  /** Ends when no reconfiguration is running. */
  #reconfiguring: Promise<void> | undefined
  /** A request came in that the running reconfiguration may have been too early for. */
  #isRequested = false
  readonly #stopping = new AbortController()
  #cancelRestart: CancelTimer | undefined
  #stopped: Promise<void> | undefined

  constructor(options: StandaloneHerderOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.restartBackoff ?? slowRestart, options.random)
  }

  /** Resolves when the connector and the tasks it has then are started; a failure shows in `status` and is retried. */
  async start(): Promise<void> {
    const { connector, connectorName, clock, logger } = this.#options
    if (this.#isStopping()) return
    try {
      await connector.start({
        requestTaskReconfiguration: () => {
          this.#requestReconfiguration()
        }
      })
      if (this.#isStopping()) return
      this.#connectorStatus = { state: 'RUNNING' }
      this.#backoff.reset()
    } catch (thrown) {
      const error = asError(thrown)
      this.#connectorStatus = { state: 'FAILED', error }
      if (this.#isStopping()) return
      const delayMs = this.#backoff.nextMs()
      logger.error(
        { connector: connectorName, err: error, delayMs },
        'The connector failed to start; started again later'
      )
      this.#cancelRestart = clock.schedule(delayMs, () => void this.start())
      return
    }
    this.#requestReconfiguration()
    await this.#reconfiguring
  }

  status(): HerderStatus {
    return { connector: this.#connectorStatus, tasks: this.#tasks.map((task) => task.status) }
  }

  /** Stops the tasks, then the connector, within the grace time. Later calls wait for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopWithinGrace()
    return this.#stopped
  }

  async #stopWithinGrace(): Promise<void> {
    const { clock, stopGraceMs, connectorName, logger } = this.#options
    this.#stopping.abort()
    this.#cancelRestart?.()
    const ended = new AbortController()
    void this.#stopAll().then(() => {
      ended.abort()
    })
    await sleep(clock, stopGraceMs, ended.signal)
    if (!ended.signal.aborted) {
      logger.warn(
        { connector: connectorName, stopGraceMs },
        'Connector or tasks did not stop in time; they are left behind'
      )
    }
    this.#connectorStatus = { state: 'UNASSIGNED' }
  }

  async #stopAll(): Promise<void> {
    const { connector, connectorName, logger } = this.#options
    // Tasks that a running reconfiguration is about to start are not started any more.
    await Promise.all(this.#tasks.map((task) => task.stop()))
    await this.#reconfiguring
    try {
      await connector.stop()
    } catch (thrown) {
      logger.warn({ connector: connectorName, err: asError(thrown) }, 'The connector failed to stop')
    }
  }

  #requestReconfiguration(): void {
    // Before the connector has started, the reconfiguration that follows the start sees what the request is about.
    if (this.#isStopping() || this.#connectorStatus.state !== 'RUNNING') return
    this.#isRequested = true
    this.#reconfiguring ??= this.#reconfigure()
  }

  async #reconfigure(): Promise<void> {
    // A connector may ask from inside a call of its own: let that call end first.
    await Promise.resolve()
    while (this.#isRequested && !this.#isStopping()) {
      this.#isRequested = false
      const configs = this.#askForConfigs()
      if (configs !== undefined) await this.#apply(configs)
    }
    // In the same turn as the last look at #isRequested: a request in between would be lost.
    this.#reconfiguring = undefined
  }

  #askForConfigs(): TaskConfig[] | undefined {
    const { connector, connectorName, maxTasks, logger } = this.#options
    try {
      return connector.taskConfigs(maxTasks)
    } catch (thrown) {
      logger.error(
        { connector: connectorName, err: asError(thrown) },
        'The connector gave no task configs; tasks run on as they are'
      )
      return undefined
    }
  }

  /**
   * Every task that goes or changes has ended before one starts: a partition may move from one to another, and two tasks
   * that write it at a time would mix up its order.
   */
  async #apply(configs: readonly TaskConfig[]): Promise<void> {
    const { connectorName, startTask, clock, random, logger, restartBackoff = slowRestart } = this.#options
    const isKept = (task: SupervisedTask | undefined, index: number): boolean => {
      const config = configs[index]
      return task !== undefined && config !== undefined && sameConfig(task.config, config)
    }
    const leaving = this.#tasks.filter((task, index) => !isKept(task, index))
    await Promise.all(leaving.map((task) => task.stop(reconfigurationDrainMs)))
    if (this.#isStopping()) return
    this.#tasks = configs.map((config, index) => {
      const running = this.#tasks[index]
      if (running !== undefined && isKept(running, index)) return running
      const id = `${connectorName}-${index}`
      return new SupervisedTask({
        id,
        config,
        start: () => startTask(config, index),
        clock,
        random,
        logger,
        restartBackoff
      })
    })
    const started = this.#tasks.filter((task) => task.start())
    const counts = { connector: connectorName, tasks: configs.length, started: started.length, stopped: leaving.length }
    if (started.length + leaving.length > 0) logger.info(counts, 'Tasks are configured')
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }
}

function sameConfig(a: TaskConfig, b: TaskConfig): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
