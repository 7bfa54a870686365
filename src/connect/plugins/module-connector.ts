import { asError } from '../../base/errors.ts'
import { PluginError, type PluginLoader, type PluginShape } from '../../config/plugin-loader.ts'
import { type SourceConnector } from '../source-connector.ts'
import { type CustomConnector, type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type SourceTask } from '../source-task.ts'
import { connectorMadeAtStart, taskMadeAtStart } from './made-at-start.ts'

const key = 'connector.class'
const shape: PluginShape<CustomConnector> = {
  noun: 'a source connector',
  methods: ['createConnector', 'createTask']
}
const connectorMethods = ['start', 'taskConfigs', 'stop'] as const
const taskMethods = ['start', 'poll', 'batchSettled', 'commit', 'stop'] as const

/**
 * The connector class of an ES module. The module is loaded when a connector or task of it starts, where the runtime waits
 * anyway: whoever only looks at a config need not have it. One that cannot be loaded fails what was to start.
 */
export function moduleConnector(className: string, loader: PluginLoader): SourceConnectorPlugin {
  const make = async (): Promise<CustomConnector> => {
    const Loaded = await loader.load<[], CustomConnector>(key, className, shape)
    try {
      return new Loaded()
    } catch (cause) {
      throw refused(className, `a class whose constructor throws: ${asError(cause).message}`, cause)
    }
  }
  return {
    className,
    taskClassName: className,
    type: 'source',
    // As of plug-ins of the reference that tell none.
    version: 'undefined',
    createConnector: (config, services) =>
      connectorMadeAtStart(async () => {
        const connector: SourceConnector = await (await make()).createConnector(config, services)
        return complete(className, connector, 'createConnector', connectorMethods)
      }),
    createTask: (config, services) =>
      taskMadeAtStart(async () => {
        const task: SourceTask = await (await make()).createTask(config, services)
        return complete(className, task, 'createTask', taskMethods)
      }),
    validate: async (config) => {
      let plugin: CustomConnector
      try {
        plugin = await make()
      } catch (thrown) {
        return [{ key, message: asError(thrown).message }]
      }
      return (await plugin.validate?.(config)) ?? []
    },
    checkOffset: async (partition, offset) => {
      try {
        return await (await make()).checkOffset?.(partition, offset)
      } catch (thrown) {
        return asError(thrown).message
      }
    }
  }
}

function refused(value: string, found: string, cause?: unknown): PluginError {
  return new PluginError({ key, value, expected: `${shape.noun}; found ${found}` }, cause)
}

/** What a class made, when it has the methods that the runtime calls. */
function complete<Made extends object>(
  className: string,
  made: Made | null | undefined,
  maker: string,
  methods: readonly (keyof Made & string)[]
): Made {
  const missing = methods.filter((method) => typeof made?.[method] !== 'function')
  if (made == null || missing.length > 0)
    throw refused(className, `${maker} making an object without ${missing.join(', ')}`)
  return made
}
