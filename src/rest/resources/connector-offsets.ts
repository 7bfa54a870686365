import { type ConnectorOffset } from '../../connect/herder/herder.ts'
import { RequestError } from '../../connect/herder/request-error.ts'
import { asJsonObject, type JsonValue } from '../../connect/storage/jackson-json.ts'
import { type Resource } from '../endpoint.ts'
import { readArray, readBody, readObject } from '../request-body.ts'
import { ref } from '../schemas.ts'

/** Stored positions of a connector. Integers keep all their 64 bits, both ways. */
export function connectorOffsetsResource(): Resource {
  return {
    name: 'connector offsets',
    isOfRoute: true,
    endpoints: [
      {
        id: 'getConnectorOffsets',
        method: 'GET',
        path: '/connectors/:connector/offsets',
        schema: {
          summary: 'Stored positions of a connector',
          responses: { 200: ref('ConnectorOffsets') }
        },
        handle: async (call) => {
          const offsets = await call.route.herder.connectorOffsets(call.param('connector'))
          return { status: 200, json: { offsets: offsets.map(offsetBody) } }
        }
      },
      {
        id: 'alterConnectorOffsets',
        method: 'PATCH',
        path: '/connectors/:connector/offsets',
        isForwarded: true,
        schema: {
          summary: 'Sets stored positions of a stopped connector; an offset of null forgets a partition',
          body: ref('ConnectorOffsets'),
          responses: { 200: ref('Message') },
          errors: [400, 409]
        },
        handle: async (call) => {
          const offsets = readOffsets(call.body)
          const message = await call.route.herder.alterOffsets(call.param('connector'), offsets)
          return { status: 200, json: { message } }
        }
      },
      {
        id: 'resetConnectorOffsets',
        method: 'DELETE',
        path: '/connectors/:connector/offsets',
        isForwarded: true,
        schema: {
          summary: 'Forgets all stored positions of a stopped connector',
          responses: { 200: ref('Message') },
          errors: [400, 409]
        },
        handle: async (call) => {
          const message = await call.route.herder.resetOffsets(call.param('connector'))
          return { status: 200, json: { message } }
        }
      }
    ]
  }
}

function offsetBody({ partition, offset }: ConnectorOffset): JsonValue {
  return { partition: storedMap(partition), offset: offset === null ? null : storedMap(offset) }
}

/** What was stored was JSON; anything else in it is a fault of the store. */
function storedMap(map: Readonly<Record<string, unknown>>): JsonValue {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, storedValue(value)]))
}

function storedValue(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(storedValue)
  if (typeof value === 'object' && value !== null) return storedMap({ ...value })
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  return typeof value === 'boolean' ? value : null
}

function readOffsets(body: Buffer | undefined): readonly ConnectorOffset[] {
  const members = readObject(readBody(body), ['offsets'], 'The body')
  const entries = members['offsets'] ?? []
  const offsets = readArray(entries, 'offsets').map(readOffset)
  if (offsets.length === 0) throw new RequestError('badRequest', 'There are no offsets in the body')
  return offsets
}

function readOffset(entry: JsonValue): ConnectorOffset {
  const members = readObject(entry, ['partition', 'offset'], 'An entry of offsets')
  const partition = asJsonObject(members['partition'])
  const offset = asJsonObject(members['offset'])
  if (partition === null) throw new RequestError('badRequest', 'An entry of offsets has no partition')
  if (offset === null && (members['offset'] ?? null) !== null) {
    throw new RequestError('internal', 'An offset must be a JSON object or null')
  }
  return { partition, offset }
}
