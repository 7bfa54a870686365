/** Clusters of one broker, which goes away and comes back. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { complaints, expectExact, faultRuns, lasts, summarise } from '../support/fault-run.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'

const startCluster = realClusters()
const startRun = faultRuns()
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(), startCluster()])
  source = a
  target = b
}, clusterTimeoutMs)

type Fault = (cluster: LocalCluster) => Promise<void>

const restart: Fault = async (cluster) => {
  await cluster.broker(1).stop()
  await cluster.startAll()
}

const killAndRevive: Fault = async (cluster) => {
  await cluster.broker(1).kill()
  await lasts(3_000)
  await cluster.startAll()
}

const pause30s: Fault = async (cluster) => {
  cluster.broker(1).pause()
  await lasts(30_000)
  cluster.broker(1).resume()
}

describe.each([
  ['restarted', restart],
  ['killed with -9 and back', killAndRevive],
  ['paused for 30 s', pause30s]
])('a broker that is %s', (name, fault) => {
  test.each(['source', 'target'] as const)('at the %s costs no record and doubles none', async (side) => {
    const topic = `${side}-${name.replaceAll(/[^a-z0-9]+/g, '-')}`
    const run = await startRun({ source, target, topic })
    await fault(side === 'source' ? source : target)
    await run.producer.flows(500)
    const outcome = await run.finish()
    summarise(topic, outcome)
    expectExact(outcome)
    expectFewWarnings(outcome.log)
  })
})

test('both clusters restarted at once cost no record and double none', async () => {
  const run = await startRun({ source, target, topic: 'both-restarted' })
  await Promise.all([restart(source), restart(target)])
  await run.producer.flows(500)
  const outcome = await run.finish()
  summarise('both restarted', outcome)
  expectExact(outcome)
  expectFewWarnings(outcome.log)
})

/** One fault is one change of state and back for each client of the cluster, however many attempts it took. */
function expectFewWarnings(log: Parameters<typeof complaints>[0]): void {
  const repeated = [...complaints(log)].filter(([, count]) => count > 2)
  expect(repeated).toEqual([])
}
