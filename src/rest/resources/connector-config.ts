import { type ConnectorConfig, type TargetState } from '../../connect/connector-config.ts'
import { RequestError } from '../../connect/herder/request-error.ts'
import { configBody, infoBody, refuseMasks } from '../connector-bodies.ts'
import { type Answer, type Call, type Resource } from '../endpoint.ts'
import { noteFileManaged } from '../file-managed.ts'
import { readBody, readObject, readStringMap, readText } from '../request-body.ts'
import { type RestServices } from '../rest-services.ts'
import { ref } from '../schemas.ts'

type Services = Pick<RestServices, 'isSecret' | 'logger'>

/** Configs of connectors: to write one makes the connector. */
export function connectorConfigResource(services: Services): Resource {
  const { isSecret } = services
  return {
    name: 'connector configs',
    isOfRoute: true,
    endpoints: [
      {
        id: 'createConnector',
        method: 'POST',
        path: '/connectors',
        isForwarded: true,
        schema: {
          summary: 'Creates a connector',
          body: ref('CreateConnector'),
          responses: { 201: ref('ConnectorInfo') },
          errors: [400, 409]
        },
        handle: async (call) => {
          const { name, config, targetState } = readCreation(call.body)
          return await putConfig(call, services, { name, config, mayReplace: false, ...targetState })
        }
      },
      {
        id: 'deleteConnector',
        method: 'DELETE',
        path: '/connectors/:connector',
        isForwarded: true,
        schema: { summary: 'Deletes a connector', responses: { 204: null }, errors: [409] },
        handle: async (call) => {
          const name = call.param('connector')
          await call.route.herder.deleteConnector(name)
          return noteFileManaged(call.route, name, services.logger, { status: 204 })
        }
      },
      {
        id: 'getConnectorConfig',
        method: 'GET',
        path: '/connectors/:connector/config',
        schema: {
          summary: 'Config of a connector, placeholders unresolved',
          responses: { 200: ref('ConnectorConfig') }
        },
        handle: async (call) => {
          const found = await call.route.herder.connectorInfo(call.param('connector'))
          return { status: 200, json: configBody(found.config, isSecret) }
        }
      },
      {
        id: 'putConnectorConfig',
        method: 'PUT',
        path: '/connectors/:connector/config',
        isForwarded: true,
        schema: {
          summary: 'Creates a connector or replaces its config',
          body: ref('ConnectorConfig'),
          responses: { 200: ref('ConnectorInfo'), 201: ref('ConnectorInfo') },
          errors: [400, 409]
        },
        handle: async (call) => {
          const config = readStringMap(readBody(call.body), 'The config')
          return await putConfig(call, services, { name: call.param('connector'), config, mayReplace: true })
        }
      },
      {
        id: 'patchConnectorConfig',
        method: 'PATCH',
        path: '/connectors/:connector/config',
        isForwarded: true,
        schema: {
          summary: 'Sets some keys of a config; null deletes a key',
          body: ref('ConnectorConfig'),
          responses: { 200: ref('ConnectorInfo') },
          errors: [400, 409]
        },
        handle: async (call) => await patchConfig(call, services)
      }
    ]
  }
}

interface Creation {
  readonly name: string
  readonly config: ConnectorConfig
  readonly targetState: { readonly targetState?: TargetState }
}

const targetStates: ReadonlyMap<string, TargetState> = new Map([
  ['RUNNING', 'STARTED'],
  ['PAUSED', 'PAUSED'],
  ['STOPPED', 'STOPPED']
])

function readCreation(body: Buffer | undefined): Creation {
  const creation = readObject(readBody(body), ['name', 'config', 'initial_state'], 'The body')
  const name = (readText(creation['name'], 'name') ?? '').trim()
  if (name === '') throw new RequestError('badRequest', 'The connector has no name')
  if (creation['config'] === undefined || creation['config'] === null) {
    throw new RequestError('badRequest', 'The connector has no config')
  }
  const config = readStringMap(creation['config'], 'config')
  const initialState = readText(creation['initial_state'], 'initial_state')
  if (initialState === null) return { name, config, targetState: {} }
  const targetState = targetStates.get(initialState.toUpperCase())
  if (targetState === undefined) {
    throw new RequestError('badRequest', `initial_state is ${initialState}: expected RUNNING, PAUSED or STOPPED`)
  }
  return { name, config, targetState: { targetState } }
}

interface Put {
  readonly name: string
  readonly config: ConnectorConfig
  readonly mayReplace: boolean
  readonly targetState?: TargetState
}

async function putConfig(call: Call, services: Services, put: Put): Promise<Answer> {
  const { name, config, ...options } = put
  const { route } = call
  const given = config['name'] ?? name
  if (given !== name) {
    throw new RequestError('badRequest', `The config is that of ${given}, but the request is for ${name}`)
  }
  refuseMasks(config, services.isSecret)
  const { isCreated, info } = await route.herder.putConnectorConfig(name, { ...config, name }, options)
  const answer = { status: isCreated ? 201 : 200, json: infoBody(info, services.isSecret) }
  const path = [route.source, route.target, 'connectors', name].map((segment) => `/${encodeURIComponent(segment)}`)
  const headers = isCreated ? { location: call.origin + path.join('') } : {}
  return noteFileManaged(route, name, services.logger, { ...answer, headers })
}

async function patchConfig(call: Call, { isSecret, logger }: Services): Promise<Answer> {
  const name = call.param('connector')
  const patch = readStringMap(readBody(call.body), 'The config')
  refuseMasks(patch, isSecret)
  const info = await call.route.herder.patchConnectorConfig(name, patch)
  return noteFileManaged(call.route, name, logger, { status: 200, json: infoBody(info, isSecret) })
}
