import { type Herder } from '../../connect/herder/herder.ts'
import { statusBody } from '../connector-bodies.ts'
import { type Call, type Endpoint, type Resource } from '../endpoint.ts'
import { hasVersions, isSet } from '../call-parameters.ts'
import { boolean, ref } from '../schemas.ts'

/** Restarts, and what a connector is wanted to do. */
export function connectorControlResource(): Resource {
  return {
    name: 'connector control',
    isOfRoute: true,
    endpoints: [
      {
        id: 'restartConnector',
        method: 'POST',
        path: '/connectors/:connector/restart',
        isForwarded: true,
        schema: {
          summary: 'Restarts a connector; with `includeTasks` its tasks too, with `onlyFailed` those that failed',
          query: { includeTasks: boolean, onlyFailed: boolean },
          responses: { 202: ref('ConnectorStatus'), 204: null },
          errors: [409]
        },
        handle: async (call) => {
          const { herder } = call.route
          const connector = call.param('connector')
          const includeTasks = isSet(call, 'includeTasks')
          const onlyFailed = isSet(call, 'onlyFailed')
          if (!includeTasks && !onlyFailed) {
            await herder.restartConnector(connector)
            return { status: 204 }
          }
          const plan = await herder.restart({ connector, onlyFailed, includeTasks })
          return { status: 202, json: statusBody(plan, hasVersions(call)) }
        }
      },
      targetState('pauseConnector', 'pause', 'Pauses a connector: its tasks stay, and read nothing', (herder, name) =>
        herder.pauseConnector(name)
      ),
      targetState('resumeConnector', 'resume', 'Resumes a paused or stopped connector', (herder, name) =>
        herder.resumeConnector(name)
      ),
      {
        id: 'stopConnector',
        method: 'PUT',
        path: '/connectors/:connector/stop',
        isForwarded: true,
        schema: {
          summary: 'Stops a connector: its tasks are given up, its config and offsets stay',
          responses: { 204: null },
          errors: [409]
        },
        handle: async (call) => {
          await call.route.herder.stopConnector(call.param('connector'))
          return { status: 204 }
        }
      }
    ]
  }
}

function targetState(
  id: string,
  word: string,
  summary: string,
  act: (herder: Herder, name: string) => Promise<void>
): Endpoint {
  return {
    id,
    method: 'PUT',
    path: `/connectors/:connector/${word}`,
    schema: { summary, responses: { 202: null } },
    handle: async (call: Call) => {
      await act(call.route.herder, call.param('connector'))
      return { status: 202 }
    }
  }
}
