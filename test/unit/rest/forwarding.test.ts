import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../src/base/errors.ts'
import { ForwardRequestError, RequestError } from '../../../src/connect/herder/request-error.ts'
import { forwardSignatureHeaders } from '../../../src/rest/request-signature.ts'
import { request, restUnderTest, scriptedPeer, type RestUnderTest } from '../../support/rest-under-test.ts'

const sessionKey = {
  key: Buffer.from('bXSRMaIZmSydijW7V4QFMFmX/jqkV0Mxg7HZgs3Lqzk=', 'base64'),
  algorithm: 'HmacSHA256',
  createdAt: 0
}
const served = { 'x-connect-forward-served': 'true' }

/** Answers every call that can be passed on with "ask the leader". */
function follower(url: string | undefined, peer = scriptedPeer(204, '', served)): RestUnderTest & typeof peer {
  const elsewhere = (): Promise<never> => Promise.reject(new ForwardRequestError('Not the leader', url))
  const herder = {
    sessionKey,
    putConnectorConfig: elsewhere,
    deleteConnector: elsewhere,
    restart: elsewhere,
    restartConnector: elsewhere,
    putTaskConfigs: elsewhere
  }
  return { ...restUnderTest({ herder, peers: peer.peers }), ...peer }
}

describe('a worker that is asked for what another must do', () => {
  it('passes the request on with the parameter, its body and its authorization, and answers as the other did', async () => {
    const peer = scriptedPeer(201, '{"name":"N"}', {
      ...served,
      location: 'http://l:1/A/B%20c/connectors/N',
      warning: '299 - "w"'
    })
    const { api, asked } = follower('http://l:1/', peer)
    const headers = { authorization: 'Basic eA==', host: 'me:2', cookie: 'c' }
    const response = await api.inject(request('PUT @/connectors/N/config', '{ "a":1}', headers))
    expect(response.statusCode).toBe(201)
    expect(response.body).toBe('{"name":"N"}')
    expect(response.headers.location).toBe('http://me:2/A/B%20c/connectors/N')
    expect(response.headers['warning']).toBe('299 - "w"')
    const [{ method, url, body, headers: sent } = { headers: {} }] = asked
    expect({ method, url, body: body?.toString() }).toEqual({
      method: 'PUT',
      url: 'http://l:1/A/B%20c/connectors/N/config?forward=true',
      body: '{ "a":1}'
    })
    expect(Object.keys(sent).toSorted()).toEqual([
      'authorization',
      'content-type',
      'x-connect-forward-authorization',
      'x-connect-forward-time'
    ])
  })

  it('keeps other parameters, and gives up after the second hop', async () => {
    const { api, asked } = follower('http://l:1')
    await api.inject(request('POST @/connectors/Source/restart?includeTasks=true'))
    await api.inject(request('POST @/connectors/Source/restart?forward=true'))
    const third = await api.inject(request('POST @/connectors/Source/restart?forward=false'))
    expect(asked.map(({ url }) => url.split('?')[1])).toEqual(['includeTasks=true&forward=true', 'forward=false'])
    expect(third.statusCode).toBe(409)
  })

  it('relays the error of the other, its code and message', async () => {
    const { api } = follower('http://l:1', scriptedPeer(409, '{"error_code":40901,"message":"no"}', served))
    const response = await api.inject(request('DELETE @/connectors/Source'))
    expect(response.statusCode).toBe(409)
    expect(response.body).toBe('{"error_code":40901,"message":"no"}')
  })

  it.each([
    ['<html>400</html>', 400],
    ['{"error":"x"}', 404],
    ['', 302]
  ])('answers 500 to what is not Connect’s: %s', async (body, status) => {
    const { api } = follower('http://l:1', scriptedPeer(status, body, served))
    const response = await api.inject(request('DELETE @/connectors/Source'))
    expect(response.statusCode).toBe(500)
    expect(response.json()).toMatchObject({ error_code: 500 })
  })

  it('answers 500 when the other cannot be reached', async () => {
    const send = (): Promise<never> => Promise.reject(new MirrorError('MIRROR_NETWORK', 'refused', { retriable: true }))
    const { api } = follower('http://l:1', { peers: { send }, asked: [] })
    expect((await api.inject(request('DELETE @/connectors/Source'))).body).toBe(
      '{"error_code":500,"message":"refused"}'
    )
  })

  it.each([undefined, 'NOTUSED'])('answers 409 when the other has no internal REST: %s', async (url) => {
    const { api, asked } = follower(url)
    const response = await api.inject(request('DELETE @/connectors/Source'))
    expect(response.statusCode).toBe(409)
    expect(response.json<{ message: string }>().message).toContain('dedicated.mode.enable.internal.rest is off')
    expect(asked).toEqual([])
  })

  it('answers 409 when the other is a worker that takes no public requests', async () => {
    const { api } = follower('http://l:1', scriptedPeer(404, '{"error_code":404,"message":"HTTP 404 Not Found"}'))
    const response = await api.inject(request('DELETE @/connectors/Source'))
    expect(response.statusCode).toBe(409)
    expect(response.json<{ message: string }>().message).toContain('http://l:1 takes no requests of the REST API')
  })

  it('leaves versions out of states for a worker that passed the request on', async () => {
    const { api } = restUnderTest()
    const response = await api.inject(request('POST @/connectors/Source/restart?includeTasks=true&forward=true'))
    expect(response.body).not.toContain('version')
  })
})

describe('the internal server', () => {
  const tasksPath = '@/connectors/Source/tasks'
  const body = '[{"config":"value"},{"config":"other_value"}]'
  const authorization = 'Kv1/OSsxzdVIwvZ4e30avyRIVrngDfhzVUm/kAZEKc4='
  const signed = { 'x-connect-authorization': authorization, 'x-connect-request-signature-algorithm': 'HmacSHA256' }

  it('hands task configs to the herder with the signature and the bytes that it covers', async () => {
    const { internal, calls } = restUnderTest()
    const response = await internal.inject(request(`POST ${tasksPath}`, body, signed))
    expect([response.statusCode, response.body]).toEqual([204, ''])
    const signature = {
      algorithm: 'HmacSHA256',
      signature: Buffer.from(authorization, 'base64'),
      body: Buffer.from(body)
    }
    expect(calls).toEqual([['putTaskConfigs', 'Source', [{ config: 'value' }, { config: 'other_value' }], signature]])
  })

  it('leaves it to the herder to miss a signature, and refuses one that is not base64', async () => {
    const { internal, calls } = restUnderTest()
    await internal.inject(request(`POST ${tasksPath}`, '[]', { 'x-connect-authorization': authorization }))
    expect(calls).toEqual([['putTaskConfigs', 'Source', [], undefined]])
    const bad = await internal.inject(request(`POST ${tasksPath}`, body, { ...signed, 'x-connect-authorization': '!' }))
    expect(bad.statusCode).toBe(400)
  })

  it.each([
    ['forbidden', 403],
    ['noSessionKey', 503],
    ['badRequest', 400]
  ] as const)('answers a refused signature with its status: %s', async (kind, status) => {
    const { internal } = restUnderTest({
      herder: { putTaskConfigs: () => Promise.reject(new RequestError(kind, 'no')) }
    })
    const response = await internal.inject(request(`POST ${tasksPath}`, body, signed))
    expect(response.body).toBe(`{"error_code":${String(status)},"message":"no"}`)
  })

  it('passes task configs on to a new leader with the signature that they came with', async () => {
    const { internal, asked } = follower('http://l:1')
    await internal.inject(request(`POST ${tasksPath}`, body, signed))
    expect(asked[0]?.url).toBe('http://l:1/A/B%20c/connectors/Source/tasks?forward=true')
    expect(asked[0]?.body?.toString()).toBe(body)
    expect(asked[0]?.headers).toEqual({ ...signed, 'content-type': 'application/json' })
  })

  it('refuses to fence, since nothing is exactly-once here', async () => {
    const response = await restUnderTest().internal.inject(request('PUT @/connectors/Source/fence'))
    expect(response.statusCode).toBe(500)
  })

  it('serves what workers pass on to workers of the group alone, and nothing else to anybody', async () => {
    const { internal, clock, calls } = restUnderTest({ herder: { sessionKey } })
    const unknown = '{"error_code":404,"message":"HTTP 404 Not Found"}'
    const now = clock.now()
    const target = '/A/B%20c/connectors/Source?forward=true'
    const sign = (signedTarget: string, atMs: number, key = sessionKey): Record<string, string> =>
      forwardSignatureHeaders(key, { method: 'DELETE', target: signedTarget, body: undefined }, atMs)
    const otherKey = { ...sessionKey, key: Buffer.alloc(32) }
    const strangers = [
      {},
      sign(target, now, otherKey),
      sign(target, now - 300_001),
      sign(target.replace('Source', 'Other'), now),
      { 'x-connect-forward-authorization': 'x' },
      signed
    ]
    for (const headers of strangers) {
      const response = await internal.inject({ method: 'DELETE', url: target, headers })
      expect([response.statusCode, response.body]).toEqual([404, unknown])
      expect(response.headers).not.toHaveProperty('x-connect-forward-served')
    }
    const others = [
      'GET /',
      'GET /health',
      'GET /metrics',
      'GET /openapi.json',
      'GET @/',
      'GET @/connectors',
      'GET @/admin/loggers'
    ]
    for (const ask of others) {
      const target = ask.slice('GET '.length).replace('@', '/A/B%20c')
      const headers = forwardSignatureHeaders(sessionKey, { method: 'GET', target, body: undefined }, now)
      const response = await internal.inject({ method: 'GET', url: target, headers })
      expect([ask, response.statusCode, response.body]).toEqual([ask, 404, unknown])
    }
    expect(calls).toEqual([])
    const worker = await internal.inject({ method: 'DELETE', url: target, headers: sign(target, now + 1000) })
    expect([worker.statusCode, worker.headers['x-connect-forward-served']]).toEqual([204, 'true'])
  })
})
