import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { type Herder } from '../../../src/connect/herder/herder.ts'
import { ForwardRequestError } from '../../../src/connect/herder/request-error.ts'
import { type RestExtension } from '../../../src/connect/rest-extension.ts'
import { FetchPeerClient } from '../../../src/rest/peer-client.ts'
import { createRestServer, type RestServer } from '../../../src/rest/rest-server.ts'
import { type RestServices } from '../../../src/rest/rest-services.ts'
import { type RestSettings } from '../../../src/rest/rest-settings.ts'
import { taskConfigSubmitter } from '../../../src/rest/submit-task-configs.ts'
import { scriptedHerder } from '../../support/scripted-herder.ts'

const sessionKey = { key: Buffer.alloc(32, 7), algorithm: 'HmacSHA256', createdAt: 0 }
const peers = new FetchPeerClient(systemClock)
const services: RestServices = {
  loggerLevels: { all: () => new Map(), set: () => [] },
  metrics: { contentType: 'text/plain', scrape: () => '' },
  peers,
  isSecret: () => false,
  version: '4.3.1',
  commit: 'c0ffee',
  clock: systemClock,
  logger: silentLogger
}
const loopback = { host: '127.0.0.1', port: 0 }
const running: RestServer[] = []

afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async (server) => {
      await server.close()
    })
  )
})

function server(settings: Partial<RestSettings>, extensions: readonly RestExtension[] = []): RestServer {
  const defaults: RestSettings = {
    publicListeners: [loopback],
    internalListeners: [loopback],
    advertisedHost: null,
    advertisedPort: null,
    cors: undefined,
    headerRules: []
  }
  const created = createRestServer({
    settings: { ...defaults, ...settings },
    services,
    extensions,
    machineAddress: '127.0.0.1'
  })
  running.push(created)
  return created
}

function addRoute(to: RestServer, overrides: Partial<Herder> = {}): unknown[] {
  const { herder, calls } = scriptedHerder({ sessionKey, ...overrides })
  const validation = { validate: () => Promise.resolve({}), definitions: () => Promise.resolve([]) }
  to.addRoute({ source: 'A', target: 'B', herder, validation, isFileManaged: () => false, stoppedPartitions: () => [] })
  return calls
}

const json = { 'content-type': 'application/json' }

it('a follower answers a change with what the leader did', async () => {
  const leader = server({})
  await leader.listen()
  const calls = addRoute(leader)
  const elsewhere = (): Promise<never> =>
    Promise.reject(new ForwardRequestError('Not the leader', leader.advertisedUrl))
  const follower = server({ internalListeners: [] })
  await follower.listen()
  addRoute(follower, { putConnectorConfig: elsewhere, deleteConnector: elsewhere, restart: elsewhere })
  const [base = ''] = follower.publicUrls

  const created = await fetch(`${base}A/B/connectors/N/config`, { method: 'PUT', body: '{"a":1}', headers: json })
  expect([created.status, await created.json()]).toEqual([201, expect.objectContaining({ name: 'N' })])
  expect(created.headers.get('location')).toBe(`${base}A/B/connectors/N`)
  const gone = await fetch(`${base}A/B/connectors/X`, { method: 'DELETE' })
  expect([gone.status, await gone.text()]).toEqual([404, '{"error_code":404,"message":"Connector X not found"}'])
  const restarted = await fetch(`${base}A/B/connectors/Source/restart?includeTasks=true`, { method: 'POST' })
  expect(restarted.status).toBe(202)
  expect(calls).toHaveLength(3)
})

it('an owner hands task configs to the leader over the wire', async () => {
  const leader = server({ publicListeners: [] })
  await leader.listen()
  const calls = addRoute(leader)
  const submit = taskConfigSubmitter({ peers, source: 'A', target: 'B', sessionKey: () => sessionKey })
  await submit(leader.advertisedUrl ?? '', 'Source', [{ a: '1' }])
  expect(calls).toEqual([
    ['putTaskConfigs', 'Source', [{ a: '1' }], expect.objectContaining({ body: Buffer.from('[{"a":"1"}]') })]
  ])
})

it('a taken port ends the start with its address; an unreachable worker is named', async () => {
  const first = server({ internalListeners: [] })
  await first.listen()
  const port = Number(new URL(first.publicUrls[0] ?? '').port)
  const second = server({ publicListeners: [{ host: '127.0.0.1', port }], internalListeners: [] })
  await expect(second.listen()).rejects.toMatchObject({
    code: 'MIRROR_NETWORK',
    message: expect.stringContaining(`http://127.0.0.1:${String(port)}/`) as string
  })
  await first.close()
  const request = { method: 'GET', url: `http://127.0.0.1:${String(port)}/x`, headers: {}, body: undefined }
  await expect(peers.send(request)).rejects.toMatchObject({ code: 'MIRROR_NETWORK', retriable: true })
})

it('every interface is advertised as the address of the machine, unless a key says otherwise', async () => {
  const plain = server({ publicListeners: [], internalListeners: [{ host: '', port: 0 }] })
  expect(plain.advertisedUrl).toBeUndefined()
  await plain.listen()
  expect(plain.advertisedUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const told = server({ publicListeners: [], advertisedHost: 'mirror-1', advertisedPort: 80 })
  await told.listen()
  expect(told.advertisedUrl).toBe('http://mirror-1:80/')
})

it('a request that runs is answered although the server closes', async () => {
  let answer = (): void => undefined
  const asked = deferred<undefined>()
  const busy = server({ internalListeners: [] })
  await busy.listen()
  addRoute(busy, {
    connectors: async () => {
      asked.resolve(undefined)
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return ['Source']
    }
  })
  const response = fetch(`${busy.publicUrls[0] ?? ''}A/B/connectors`)
  await asked.promise
  const closed = busy.close()
  answer()
  expect(await (await response).json()).toEqual(['Source'])
  await closed
})

it('an extension answers on the public listeners alone, and cannot take a path of the API', async () => {
  const extended = server({}, [
    {
      register(app) {
        app.get('/team/ready', async ({ query }) => {
          const health = await Promise.all(app.routes().map((route) => route.health()))
          return { status: 503, json: { for: query.get('for'), health: health.map(({ status }) => status) } }
        })
        app.get('/team/broken', () => {
          throw new Error('out of order')
        })
      }
    }
  ])
  await extended.listen()
  addRoute(extended)
  const [base = ''] = extended.publicUrls
  const ready = await fetch(`${base}team/ready?for=all`)
  expect([ready.status, await ready.json()]).toEqual([503, { for: 'all', health: ['healthy'] }])
  const broken = await fetch(`${base}team/broken`)
  expect([broken.status, await broken.json()]).toEqual([500, { error_code: 500, message: 'out of order' }])
  expect((await fetch(`${base}team/ready`, { method: 'DELETE' })).status).toBe(405)
  expect((await fetch(`${extended.advertisedUrl ?? ''}team/ready`)).status).toBe(404)
  for (const path of ['/openapi.json', '/:source/lag', 'lag']) {
    const refused = server({}, [
      {
        register: (app) => {
          app.get(path, () => ({ text: 'mine' }))
        }
      }
    ])
    await expect(refused.listen()).rejects.toMatchObject({ code: 'MIRROR_PLUGIN' })
  }
})
