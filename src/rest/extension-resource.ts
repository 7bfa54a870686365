import { asError, MirrorError } from '../base/errors.ts'
import { type RestExtension, type RestExtensionAnswer, type RestExtensionRoute } from '../connect/rest-extension.ts'
import { fullPath, type Answer, type Endpoint, type Resource } from './endpoint.ts'
import { type RestRoute } from './rest-services.ts'

/** Literal segments alone: a parameter could take the place of a path of the API. */
const literalPath = /^(?:\/[\w.~-]+)+$/

/**
 * What extensions add to the API.
 * @param builtIn resources whose paths are taken
 * @throws MirrorError MIRROR_PLUGIN when an extension cannot register
 */
export function extensionResource(
  extensions: readonly RestExtension[],
  builtIn: readonly Resource[],
  routes: () => readonly RestRoute[]
): Resource {
  const endpoints: Endpoint[] = []
  const taken = new Set(builtIn.flatMap((resource) => resource.endpoints.map((each) => fullPath(resource, each))))
  for (const extension of extensions) {
    try {
      extension.register({
        get: (path, handler) => {
          if (!literalPath.test(path)) throw new Error(`${path}: a path of the form /words/words is expected`)
          if (taken.has(path)) throw new Error(`${path}: this path is taken`)
          taken.add(path)
          endpoints.push({
            id: `extension ${path}`,
            method: 'GET',
            path,
            schema: { summary: 'Of an extension', responses: { 200: null } },
            handle: async ({ query, header }) => answerOf(await handler({ query, header }))
          })
        },
        routes: () => routes().map(readOnly)
      })
    } catch (cause) {
      const message = `A REST extension (rest.api.extensions) cannot register: ${asError(cause).message}`
      throw new MirrorError('MIRROR_PLUGIN', message, { cause })
    }
  }
  return { name: 'extensions', isOfRoute: false, endpoints }
}

function readOnly({ source, target, herder }: RestRoute): RestExtensionRoute {
  return {
    source,
    target,
    health: () => herder.health(),
    connectors: () => herder.connectors(),
    connectorStatus: (name) => herder.connectorStatus(name)
  }
}

function answerOf({ status = 200, json, text = '' }: RestExtensionAnswer): Answer {
  if (json === undefined) return { status, content: { type: 'text/plain; charset=utf-8', text } }
  return { status, content: { type: 'application/json', text: JSON.stringify(json) } }
}
