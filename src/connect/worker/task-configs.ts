import { MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { connectorBaseOptions } from '../connector-options.ts'
import { type TaskConfig } from '../source-connector.ts'
import { configValues } from './resolve-config.ts'

/** More tasks than `tasks.max` allows. No retry mends it. */
export class TooManyTasksError extends MirrorError {
  constructor(connector: string, tasks: number, maxTasks: number) {
    super(
      'MIRROR_CONFIG_INVALID',
      `Connector ${connector} has ${tasks} tasks, tasks.max allows ${maxTasks}; raise tasks.max, or set tasks.max.enforce=false`
    )
  }
}

/** `tasks.max` of a resolved config. Throws ConfigError. */
export function maxTasks(config: ConnectorConfig): number {
  return taskLimit(config)['tasks.max']
}

/**
 * Holds a number of tasks against `tasks.max`; where that is not enforced too many are only warned of.
 * @throws TooManyTasksError, ConfigError
 */
export function checkTaskCount(connector: string, count: number, config: ConnectorConfig, logger: Logger): void {
  const limit = taskLimit(config)
  if (count <= limit['tasks.max']) return
  const error = new TooManyTasksError(connector, count, limit['tasks.max'])
  if (limit['tasks.max.enforce']) throw error
  logger.warn({ connector, err: error }, 'There are more tasks than tasks.max; they run, since it is not enforced')
}

/**
 * Task configs as they are stored: with `task.class`, and where the connector's own config has a placeholder under the same
 * key, with the placeholder instead of what it stands for, so that no secret reaches the config topic (spec 8.1.3).
 */
export function storedTaskConfigs(
  generated: readonly TaskConfig[],
  connectorConfig: ConnectorConfig,
  taskClassName: string
): readonly ConnectorConfig[] {
  const placeholders = Object.entries(connectorConfig).filter(([, value]) => value !== null && placeholder.test(value))
  return generated.map((config) => {
    const stored: Record<string, string | null> = { ...config, 'task.class': taskClassName }
    for (const [key, value] of placeholders) if (Object.hasOwn(stored, key)) stored[key] = value
    return stored
  })
}

const placeholder = /\$\{[^}:]*:[^}]*\}/

function taskLimit(config: ConnectorConfig): { readonly 'tasks.max': number; readonly 'tasks.max.enforce': boolean } {
  return configValues(
    { 'tasks.max': connectorBaseOptions['tasks.max'], 'tasks.max.enforce': connectorBaseOptions['tasks.max.enforce'] },
    config
  )
}
