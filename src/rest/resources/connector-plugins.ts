import { RequestError } from '../../connect/herder/request-error.ts'
import { type JsonValue } from '../../connect/storage/jackson-json.ts'
import { type PluginDescription } from '../../connect/source-connector-plugin.ts'
import { type Resource } from '../endpoint.ts'
import { readBody, readStringMap } from '../request-body.ts'
import { arrayOf, boolean, ref, string, type JsonSchema } from '../schemas.ts'

const keyDefinition: JsonSchema = { type: 'object', description: 'Definition of a key' }
const validation: JsonSchema = { type: 'object', description: 'Every key with its value and what is wrong with it' }

/** Plug-ins, their keys, and the validation of configs. */
export function connectorPluginsResource(): Resource {
  return {
    name: 'connector plug-ins',
    isOfRoute: true,
    endpoints: [
      {
        id: 'listPlugins',
        method: 'GET',
        path: '/connector-plugins',
        schema: {
          summary: 'Plug-ins that can be used; connectors only, unless `connectorsOnly` is false',
          query: { connectorsOnly: boolean },
          responses: { 200: arrayOf(ref('Plugin')) }
        },
        handle: (call) => {
          const isLimited = (call.query.get('connectorsOnly') ?? 'true').toLowerCase() === 'true'
          const plugins = call.route.herder.plugins().filter(({ type }) => !isLimited || type === 'source')
          return { status: 200, json: plugins.map(pluginBody) }
        }
      },
      {
        id: 'getPluginConfig',
        method: 'GET',
        path: '/connector-plugins/:plugin/config',
        schema: {
          summary: 'Definitions of the keys of a plug-in; `version` is a requirement on its version',
          query: { version: string },
          responses: { 200: arrayOf(keyDefinition) },
          errors: [400]
        },
        handle: async (call) => {
          const version = call.query.get('version') ?? undefined
          return { status: 200, json: await call.route.validation.definitions(call.param('plugin'), version) }
        }
      },
      {
        id: 'validatePluginConfig',
        method: 'PUT',
        path: '/connector-plugins/:plugin/config/validate',
        schema: {
          summary: 'Validates a config without storing it',
          body: ref('ConnectorConfig'),
          responses: { 200: validation },
          errors: [400]
        },
        handle: async (call) => {
          const config = readStringMap(readBody(call.body), 'The config')
          checkClass(config['connector.class'] ?? undefined, call.param('plugin'))
          return { status: 200, json: await call.route.validation.validate(config) }
        }
      }
    ]
  }
}

function pluginBody({ className, type, version }: PluginDescription): JsonValue {
  return { class: className, type, ...(version === 'undefined' ? {} : { version }) }
}

/** The path and the config must mean the same class; either may leave package and suffix out. */
function checkClass(className: string | undefined, plugin: string): void {
  if (className === undefined) throw new RequestError('badRequest', 'The config has no connector.class')
  const bare = (name: string): string => name.replace(/Connector$/, '')
  if (bare(className).endsWith(bare(plugin))) return
  throw new RequestError('badRequest', `The config is one of ${className}, but the request is for ${plugin}`)
}
