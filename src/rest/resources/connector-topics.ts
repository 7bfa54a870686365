import { type Resource } from '../endpoint.ts'
import { arrayOf, mapOf, object, string } from '../schemas.ts'

/** Which topics a connector has written to. */
export function connectorTopicsResource(): Resource {
  return {
    name: 'connector topics',
    isOfRoute: true,
    endpoints: [
      {
        id: 'getConnectorTopics',
        method: 'GET',
        path: '/connectors/:connector/topics',
        schema: {
          summary: 'Topics that a connector has written to since it was created or they were reset',
          responses: { 200: mapOf(object({ topics: arrayOf(string) })) },
          errors: [403]
        },
        handle: async (call) => {
          const name = call.param('connector')
          const topics = await call.route.herder.activeTopics(name)
          return { status: 200, json: Object.fromEntries([[name, { topics }]]) }
        }
      },
      {
        id: 'resetConnectorTopics',
        method: 'PUT',
        path: '/connectors/:connector/topics/reset',
        schema: { summary: 'Forgets them', responses: { 202: null }, errors: [403] },
        handle: async (call) => {
          await call.route.herder.resetActiveTopics(call.param('connector'))
          return { status: 202 }
        }
      }
    ]
  }
}
