// `import { type }` would still load the module.
import type { FastifyInstance } from 'fastify'
import { corsHeaders, preflightHeaders, type CorsPolicy } from './cors.ts'

/** Answers preflights, and tells browsers whether they may show an answer to their page. */
export function addCors(app: FastifyInstance, policy: CorsPolicy): void {
  app.addHook('onRequest', async (request, reply) => {
    const headers = corsHeaders(policy, request.headers.origin)
    reply.headers(headers)
    const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers
    const isAllowed = 'access-control-allow-origin' in headers
    if (isPreflight && isAllowed) return await reply.headers(preflightHeaders(policy)).code(200).send()
    return undefined
  })
}
