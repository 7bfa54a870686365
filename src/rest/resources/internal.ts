import { RequestError } from '../../connect/herder/request-error.ts'
import { type Resource } from '../endpoint.ts'
import { readArray, readBody, readStringMap } from '../request-body.ts'
import { receivedSignature } from '../request-signature.ts'
import { arrayOf, ref } from '../schemas.ts'

/** What workers of a group ask of each other (spec 6.6): the whole of the internal server, as far as anybody can see. */
export function internalResource(): Resource {
  return {
    name: 'internal',
    isOfRoute: true,
    endpoints: [
      {
        id: 'putTaskConfigs',
        method: 'POST',
        path: '/connectors/:connector/tasks',
        isForwarded: true,
        schema: {
          summary: 'Stores the task configs that the owner of a connector has made',
          body: arrayOf(ref('ConnectorConfig')),
          responses: { 204: null },
          errors: [400, 403, 409, 503]
        },
        handle: async (call) => {
          const signature = receivedSignature(call.header, call.body)
          const configs = readArray(readBody(call.body), 'The body').map((config) =>
            readStringMap(config, 'A task config')
          )
          await call.route.herder.putTaskConfigs(call.param('connector'), configs, signature)
          return { status: 204 }
        }
      },
      {
        id: 'fenceZombies',
        method: 'PUT',
        path: '/connectors/:connector/fence',
        schema: {
          summary: 'Fences earlier tasks of an exactly-once connector: refused, there is no exactly-once here',
          responses: {}
        },
        handle: (call) => {
          const { source, target } = call.route
          // To say yes without fencing would let an exactly-once task start beside its zombie.
          throw new RequestError(
            'internal',
            `${source}->${target}: this worker cannot fence tasks of ${call.param('connector')}: it does not do ` +
              'exactly-once. Set exactly.once.source.support=disabled on every worker'
          )
        }
      }
    ]
  }
}
