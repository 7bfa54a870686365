/** The short set of faults; test/fault has the long campaign. */
import { beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { expectExact, type FaultRun, faultRuns, summarise } from '../support/fault-run.ts'
import { mirrorProxy } from '../support/mirror-proxy.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { faultSeed, seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startRun = faultRuns()
const proxy = mirrorProxy()
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(proxy.clusterOptions), startCluster()])
  source = a
  target = b
}, clusterTimeoutMs)

const start = (topic: string, properties: Readonly<Record<string, string>> = {}): Promise<FaultRun> =>
  startRun({ source, target, topic, properties })

test('a target broker killed with -9 costs no record and doubles none', async () => {
  const run = await start('target-killed')
  await target.broker(1).kill()
  await run.producer.flows(500)
  await target.startAll()
  const outcome = await run.finish()
  summarise('target killed', outcome)
  expectExact(outcome)
})

test(`connections cut in the middle of fetch responses cost nothing, seed ${faultSeed}`, async () => {
  const random = seededRandom()
  const run = await start('source-cut', { 'A.bootstrap.servers': proxy.bootstrapServers })
  for (let cuts = 1; cuts <= 5; cuts++) {
    proxy.tcp.cutAfter(random.between(1, 20_000))
    await waitUntil(`cut ${cuts} strikes`, () => proxy.tcp.cuts >= cuts, { timeoutMs: 30_000, intervalMs: 5 })
  }
  const outcome = await run.finish()
  summarise('source cut', outcome)
  expectExact(outcome)
})

test('a program killed with -9 twice loses nothing and repeats whole stretches only', async () => {
  const run = await start('program-killed')
  for (let kills = 0; kills < 2; kills++) {
    await run.mirror.kill()
    await run.startMirror()
    await run.mirrors(200)
  }
  const outcome = await run.finish()
  summarise('program killed', outcome)
  const { missing, faults } = outcome.report
  expect({ missing, faults }).toEqual({ missing: [], faults: [] })
})

test('a program stopped by SIGTERM and started again goes on without a duplicate', async () => {
  const run = await start('program-stopped')
  expect(await run.mirror.stop()).toEqual({ code: 0, signal: null })
  await run.producer.flows(300)
  await run.startMirror()
  const outcome = await run.finish()
  summarise('program stopped', outcome)
  expectExact(outcome)
})
