/** Networks that break: connections cut in the middle of a frame, again and again, and bootstrap servers out of reach. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { type LogLine } from '../../dev/local-mirror.ts'
import { complaints, expectExact, type FaultRun, faultRuns, lasts, summarise } from '../support/fault-run.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { mirrorProxy } from '../support/mirror-proxy.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { faultSeed, seededRandom } from '../support/seeded-random.ts'
import { type Direction, type TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
const startRun = faultRuns()
const proxies = { source: mirrorProxy(), target: mirrorProxy() }
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([
    startCluster(proxies.source.clusterOptions),
    startCluster(proxies.target.clusterOptions)
  ])
  source = a
  target = b
}, clusterTimeoutMs)

afterEach(async () => {
  await Promise.all([proxies.source.tcp.resume(), proxies.target.tcp.resume()])
})

function throughProxies(): Record<string, string> {
  return {
    'A.bootstrap.servers': proxies.source.bootstrapServers,
    'B.bootstrap.servers': proxies.target.bootstrapServers
  }
}

/** Where, and after how many bytes at most: requests for more and acknowledgements are small. */
const sides = {
  'the source in the middle of fetch responses': ['source', 'to-client', 30_000],
  'the source in the middle of requests': ['source', 'to-broker', 500],
  'the target in the middle of produce requests': ['target', 'to-broker', 30_000],
  'the target while acknowledgements come back': ['target', 'to-client', 500]
} as const satisfies Record<string, readonly ['source' | 'target', Direction, number]>

test.each(Object.entries(sides))(`connections cut to %s cost nothing, seed ${faultSeed}`, async (name, where) => {
  const [side, direction, mostBytes] = where
  const random = seededRandom()
  const topic = `cut-${side}-${direction}`
  const run = await startRun({ source, target, topic, properties: throughProxies(), load: { recordsPerSecond: 2000 } })
  await cutOften(run, proxies[side].tcp, () => ({ bytes: random.between(1, mostBytes), direction }))
  const outcome = await run.finish()
  summarise(`cut to ${name}`, outcome)
  expectExact(outcome)
})

test(`connections cut on both sides in both directions cost nothing, seed ${faultSeed}`, async () => {
  const random = seededRandom(faultSeed + 1)
  const load = { recordsPerSecond: 2000, maxPaddingBytes: 2000 }
  const run = await startRun({ source, target, topic: 'cut-all', properties: throughProxies(), load })
  const strike = () => ({
    bytes: random.between(1, random.pick([500, 50_000])),
    direction: random.pick(['to-broker', 'to-client'] as const)
  })
  await Promise.all([cutOften(run, proxies.source.tcp, strike), cutOften(run, proxies.target.tcp, strike)])
  const outcome = await run.finish()
  summarise('cut on both sides', outcome)
  expectExact(outcome)
})

/** Thirty cuts under load; each waits for bytes to flow again. */
async function cutOften(
  run: FaultRun,
  proxy: TcpProxy,
  strike: () => { bytes: number; direction: Direction }
): Promise<void> {
  for (let count = 0; count < 30; count++) {
    const before = proxy.cuts
    const { bytes, direction } = strike()
    proxy.cutAfter(bytes, direction)
    await waitUntil(`cut ${count} strikes`, () => proxy.cuts > before, { timeoutMs: 60_000, intervalMs: 5 })
  }
  await run.producer.flows(200)
}

test('connections that hang without an end are given up and replaced', async () => {
  const properties = {
    ...throughProxies(),
    'A.consumer.request.timeout.ms': '3000',
    'B.producer.request.timeout.ms': '3000',
    'request.timeout.ms': '3000'
  }
  const run = await startRun({ source, target, topic: 'stalled', properties })
  for (const side of [proxies.source, proxies.target]) {
    side.tcp.stall()
    await lasts(8_000)
    await side.tcp.resume()
    await run.producer.flows(500)
  }
  const outcome = await run.finish()
  summarise('stalled', outcome)
  expectExact(outcome)
})

test('bootstrap servers out of reach at the start are warned of once each, and mirroring begins when they come', async () => {
  for (const side of [proxies.source, proxies.target]) await side.tcp.refuse()
  const mirror = await startMirror(source, target, { topics: 'late', ...throughProxies() })
  const reachability = async () => (await mirror.log()).filter(isAboutReach)
  // The group is on the target: until it has given out the work, nobody asks for the source.
  for (const [index, side] of [proxies.target, proxies.source].entries()) {
    const isTold = async (count: number): Promise<boolean> => (await reachability()).length >= 2 * index + count
    await waitUntil('a cluster is missed', () => isTold(1), { timeoutMs: 60_000 })
    await lasts(10_000)
    await side.tcp.resume()
    await waitUntil('it is back', () => isTold(2), { timeoutMs: 60_000 })
  }
  expect((await reachability()).map(({ level, cluster }) => [level, cluster])).toEqual([
    [40, 'B'],
    [30, 'B'],
    [40, 'A'],
    [30, 'A']
  ])
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
})

test('a cluster out of reach for a while is warned of once for each change of state', async () => {
  const run = await startRun({ source, target, topic: 'away', properties: throughProxies() })
  for (const side of [proxies.source, proxies.target]) {
    await side.tcp.refuse()
    await lasts(15_000)
    await side.tcp.resume()
    await run.mirrors(500)
  }
  const outcome = await run.finish()
  summarise('away', outcome)
  expectExact(outcome)
  const told = complaints(outcome.log)
  expect([...told.keys()]).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^No broker of cluster A can be reached/),
      expect.stringMatching(/^No broker of cluster B can be reached/)
    ])
  )
  // What follows from it (positions that cannot be stored, a membership that is not sure) is told once as well.
  expect([...told].filter(([, count]) => count > 1)).toEqual([])
})

function isAboutReach({ msg }: LogLine): boolean {
  return /No broker of cluster|is reachable again/.test(msg)
}
