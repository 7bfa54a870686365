import { describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../../src/base/logger.ts'
import { RebalanceExpectedError } from '../../../src/connect/herder/request-error.ts'
import { parseCors } from '../../../src/rest/cors.ts'
import { parseHeaderRules } from '../../../src/rest/response-headers.ts'
import { request, restUnderTest } from '../../support/rest-under-test.ts'
import { sourceInfo } from '../../support/scripted-herder.ts'

function warningLogger(): { readonly logger: Logger; readonly warnings: object[] } {
  const warnings: object[] = []
  return { logger: { ...silentLogger, warn: (fields) => void warnings.push(fields) }, warnings }
}

const rebalancing = (): Promise<never> => Promise.reject(new RebalanceExpectedError('The group rebalances'))

describe('a request', () => {
  it('is a conflict while the group rebalances only where workers pass it on', async () => {
    const { api } = restUnderTest({ herder: { stopConnector: rebalancing, connectorInfo: rebalancing } })
    const stop = await api.inject(request('PUT @/connectors/Source/stop'))
    const get = await api.inject(request('GET @/connectors/Source'))
    expect(stop.body).toBe('{"error_code":409,"message":"The group rebalances"}')
    expect(get.body).toBe('{"error_code":500,"message":"The group rebalances"}')
  })

  it('that fails otherwise is a 500 with the reason, and a warning in the log', async () => {
    const { logger, warnings } = warningLogger()
    const { api } = restUnderTest({ logger, herder: { connectors: () => Promise.reject(new Error('boom')) } })
    const response = await api.inject(request('GET @/connectors'))
    expect(response.statusCode).toBe(500)
    expect(response.body).toBe('{"error_code":500,"message":"boom"}')
    expect(warnings).toEqual([{ request: 'GET /A/B%20c/connectors', err: new Error('boom') }])
  })

  it('that is refused with 500 as in the reference warns nobody but its client', async () => {
    const { logger, warnings } = warningLogger()
    const { api } = restUnderTest({ logger, herder: { connectorInfo: rebalancing } })
    for (const refused of [
      request('PUT @/connectors/N/config', '{'),
      request('PUT @/connectors/N/config', '{"a":[]}'),
      request('GET @/connectors/Source')
    ]) {
      expect((await api.inject(refused)).statusCode).toBe(500)
    }
    expect(warnings).toEqual([])
  })

  it('with a body of another media type is refused with 415, whether or not it is JSON', async () => {
    const { api } = restUnderTest()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      const response = await api.inject(request('PUT @/connectors/N/config', '{}', { 'content-type': type }))
      expect(response.statusCode).toBe(415)
      expect(response.json()).toEqual({ error_code: 415, message: expect.any(String) as string })
    }
    const charset = await api.inject(
      request('PUT @/connectors/N/config', '{}', { 'content-type': 'application/json; charset=utf-8' })
    )
    expect(charset.statusCode).toBe(201)
  })

  it('with a body of more than 16 MiB is refused with 413', async () => {
    const { api } = restUnderTest()
    const response = await api.inject(request('PUT @/connectors/N/config', Buffer.alloc(16 * 1024 * 1024 + 1, ' ')))
    expect(response.statusCode).toBe(413)
    expect(response.json()).toEqual({ error_code: 413, message: expect.any(String) as string })
  })

  it('with a path that cannot be decoded is refused with 400', async () => {
    const response = await restUnderTest().api.inject('/A/%zz/connectors')
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ error_code: 400, message: expect.any(String) as string })
  })

  it('with a method that the path does not have names those it has', async () => {
    const response = await restUnderTest().api.inject(request('PUT @/connectors', 'not JSON'))
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe('GET, HEAD, POST')
  })

  it('that the herder does not answer ends after 90 seconds, health after 15', async () => {
    const never = (): Promise<never> => new Promise(() => undefined)
    const { logger, warnings } = warningLogger()
    const { api, clock } = restUnderTest({ logger, herder: { connectors: never, health: never } })
    await api.ready()
    const list = api.inject(request('GET @/connectors'))
    const health = api.inject(request('GET @/health'))
    await clock.advance(15_000)
    expect((await health).json()).toEqual({ status: 'unhealthy', message: 'The worker did not answer within 15000 ms' })
    await clock.advance(75_000)
    expect((await list).json()).toEqual({ error_code: 500, message: 'The worker did not answer within 90000 ms' })
    expect(warnings).toHaveLength(1)
  })
})

describe('a connector name', () => {
  it('may hold anything that can be escaped', async () => {
    const asked: string[] = []
    const { api } = restUnderTest({
      herder: {
        connectorInfo: (name) => {
          asked.push(name)
          return Promise.resolve({ ...sourceInfo, name })
        }
      }
    })
    const names = ['a/b', 'ä ö', '100%', 'a'.repeat(1000), '__proto__']
    for (const name of names) await api.inject(request(`GET @/connectors/${encodeURIComponent(name)}/config`))
    expect(asked).toEqual(names)
  })

  it('of a connector that is created is in the absolute Location, escaped', async () => {
    const { api } = restUnderTest()
    const created = await api.inject(request('PUT @/connectors/a%2Fb%20c/config', '{}', { host: 'h:8083' }))
    expect(created.headers.location).toBe('http://h:8083/A/B%20c/connectors/a%2Fb%20c')
  })
})

describe('a change of a connector that the file describes', () => {
  const changes = [
    request('PUT @/connectors/Source/config', '{}'),
    request('PATCH @/connectors/Source/config', '{}'),
    request('DELETE @/connectors/Source')
  ]

  it.each(changes)('is warned of in a header and in the log: $method', async (change) => {
    const { logger, warnings } = warningLogger()
    const { api } = restUnderTest({ fileManaged: ['Source'], logger })
    const response = await api.inject(change)
    expect(response.headers['warning']).toContain('299 - "The configuration file writes this connector again')
    expect(warnings).toEqual([{ route: 'A->B c', connector: 'Source' }])
  })

  it('of any other connector is not', async () => {
    const response = await restUnderTest().api.inject(request('DELETE @/connectors/Source'))
    expect(response.headers['warning']).toBeUndefined()
  })
})

describe('health of the process', () => {
  it('is the worst of its routes', async () => {
    const { api } = restUnderTest({
      herder: { health: () => Promise.resolve({ status: 'starting', message: 'Reads its topics' }) }
    })
    const response = await api.inject('/health')
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({
      status: 'starting',
      message: 'starting: A->B c',
      routes: { 'A->B c': { status: 'starting', message: 'Reads its topics' } }
    })
  })

  it('is degraded, and good enough for a probe, while partitions stand still', async () => {
    const stoppedPartitions = Array.from({ length: 12 }, (_, partition) => `A.t-${partition} (target)`)
    const { api } = restUnderTest({ stoppedPartitions })
    const response = await api.inject('/health')
    expect([response.statusCode, response.json()]).toMatchObject([200, { status: 'degraded' }])
    const { message } = (await api.inject(request('GET @/health'))).json<{ message: string }>()
    expect(message).toMatch(/A\.t-0 \(target\), .*A\.t-9 \(target\) and 2 more$/)
    // one that is not at work is not made better by that
    const starting = restUnderTest({
      stoppedPartitions,
      herder: { health: () => Promise.resolve({ status: 'starting', message: 'Reads its topics' }) }
    })
    expect((await starting.api.inject('/health')).statusCode).toBe(503)
  })
})

describe('browsers', () => {
  const cors = parseCors('http://(www\\.)?x\\.com, https://y\\.org', 'GET,PUT')
  const { api } = restUnderTest(cors === undefined ? {} : { cors })

  it('are let in from the origins of the patterns alone', async () => {
    const from = async (origin: string): Promise<unknown> => {
      const { headers } = await api.inject({ ...request('GET @/connectors'), headers: { origin } })
      return [headers['access-control-allow-origin'], headers.vary]
    }
    expect(await from('http://www.x.com')).toEqual(['http://www.x.com', 'Origin'])
    expect(await from('http://x.com.evil')).toEqual([undefined, 'Origin'])
    expect(await from('http://wwwxx.com')).toEqual([undefined, 'Origin'])
  })

  it('that ask first are told methods, headers and age', async () => {
    const headers = { origin: 'https://y.org', 'access-control-request-method': 'PUT' }
    const preflight = await api.inject({ ...request('OPTIONS @/connectors'), headers })
    expect(preflight.statusCode).toBe(200)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://y.org',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '60'
    })
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
    const stranger = await api.inject({
      ...request('OPTIONS @/connectors'),
      headers: { ...headers, origin: 'http://z' }
    })
    expect(stranger.statusCode).toBe(405)
  })
})

describe('response.http.headers.config', () => {
  it('puts its headers on every answer, errors too', async () => {
    const headerRules = parseHeaderRules('add X-A:1, "add X-A:2, 3", set X-Frame-Options: DENY, setDate Expires: 0')
    expect(headerRules).toBeDefined()
    const { api } = restUnderTest({ headerRules: headerRules ?? [] })
    for (const ask of ['GET @/connectors', 'GET /nowhere', 'GET @/connectors/X']) {
      const { headers } = await api.inject(request(ask))
      expect(headers['x-a']).toEqual(['1', '2, 3'])
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['expires']).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
    }
  })
})
