import { type ConnectorConfig, type TargetState } from '../connector-config.ts'

/** What the config topic says about one connector at one moment; replaced, never changed. */
export interface ConnectorState {
  readonly config: ConnectorConfig | undefined
  readonly targetState: TargetState | undefined
  /** The config that the task configs were made from. */
  readonly appliedConfig: ConnectorConfig | undefined
  readonly taskCount: number
  /** May hold more than `taskCount`: task configs are never removed one by one. */
  readonly taskConfigs: ReadonlyMap<number, ConnectorConfig>
  readonly generation: number | undefined
  /** The last commit record came with too few task configs. */
  readonly isInconsistent: boolean
}

/** Nothing is known of the tasks; what outlives a removed connector (spec 2.2.3) is not part of it. */
export const noTasks = {
  taskCount: 0,
  taskConfigs: new Map<number, ConnectorConfig>(),
  appliedConfig: undefined
} as const

export const unknownConnector: ConnectorState = {
  config: undefined,
  targetState: undefined,
  generation: undefined,
  isInconsistent: false,
  ...noTasks
}
