import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'

/**
 * Runs the connectors and tasks that the herder gives it in this process, and writes their states to the status store
 * (spec 4). Knows nothing of groups or of who leads.
 */
export interface Worker {
  readonly workerId: string
  /**
   * Starts a connector of the raw config and brings it to the target state. Resolves to the state it reached; a failure is
   * in its status too. Throws when a connector of that name runs here.
   */
  startConnector(
    name: string,
    config: ConnectorConfig,
    targetState: TargetState
  ): Promise<'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED'>
  /** Stops them at a time, at most 5 s each (spec 4.6), then abandons them. Never rejects; names not running are passed over. */
  stopConnectors(names: readonly string[]): Promise<void>
  /** Starts a task; what goes wrong shows in its status (FAILED). Throws when that task runs here. */
  startTask(id: ConnectorTaskId, start: TaskStart): void
  /**
   * Stops tasks together within `limitMs` in total, by default task.shutdown.graceful.timeout.ms, then cancels what is left.
   * Never rejects.
   */
  stopTasks(ids: readonly ConnectorTaskId[], limitMs?: number): Promise<void>
  /**
   * Of tasks that run here, those whose stored positions are others than they know: somebody else has run them meanwhile.
   * Also those of which that cannot be found out within offset.flush.timeout.ms. Never rejects.
   */
  overtakenTasks(ids: readonly ConnectorTaskId[]): Promise<readonly ConnectorTaskId[]>
  /** Brings a connector and its tasks here to a target state; resolves when the connector reached it. */
  setTargetState(connector: string, state: TargetState): Promise<void>
  /**
   * Task configs of a connector that runs here, as they are stored: with `task.class`, placeholders put back (spec 8.1.3).
   * Throws when there are more than tasks.max allows (the connector is FAILED then).
   */
  taskConfigs(name: string, config: ConnectorConfig): Promise<readonly ConnectorConfig[]>
  isRunning(connector: string): boolean
  readonly connectors: readonly string[]
  readonly tasks: readonly ConnectorTaskId[]
  /** Sets placeholders of a config in: by the worker's config providers. */
  resolve(config: ConnectorConfig): ConnectorConfig
  /** Generation that statuses are written with from now on. */
  setGeneration(generation: number): void
  /** Nothing may be produced or stored while this answers false (the membership lease ran out). */
  setLease(isHeld: () => boolean): void
  stop(): Promise<void>
}

export interface TaskStart {
  readonly connectorConfig: ConnectorConfig
  readonly taskConfig: ConnectorConfig
  readonly targetState: TargetState
  /** How many tasks the connector has by the config topic; more than tasks.max fails the task where that is enforced. */
  readonly taskCount: number
}

/** What the herder wants to hear of connectors. Called from any turn of the program; must not throw. */
export interface WorkerListener {
  /** The connector asks for its task configs to be made again. */
  taskReconfigurationRequested(connector: string): void
}
