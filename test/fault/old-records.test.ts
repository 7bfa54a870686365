/**
 * Old records: a broker that starts forgets producers whose newest record is older than `producer.id.expiration.ms` by its
 * own timestamp, and so takes again what it has. Answers are held back first, so that much is stored and unanswered.
 */
import { beforeAll, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { expectExact, type FaultRun, faultRuns, recordCount, summarise } from '../support/fault-run.ts'
import { mirrorProxy } from '../support/mirror-proxy.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startRun = faultRuns()
const proxy = mirrorProxy()
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(), startCluster(proxy.clusterOptions)])
  source = a
  target = b
}, clusterTimeoutMs)

type Ending = (cluster: LocalCluster) => Promise<void>

const kill: Ending = (cluster) => cluster.broker(1).kill()
const stop: Ending = (cluster) => cluster.broker(1).stop()

test.each([
  ['killed with -9', kill],
  ['stopped', stop]
])('records of 2023 are neither lost nor doubled by a target broker that is %s before it answers', async (how, end) => {
  const run = await startRun({
    ...{ source, target, topic: `old-${how.replaceAll(/[^a-z0-9]+/g, '-')}` },
    configs: { 'retention.ms': '-1' },
    properties: { 'B.bootstrap.servers': proxy.bootstrapServers },
    load: { recordsPerSecond: 2000, firstTimestamp: Date.UTC(2023, 0) }
  })
  for (let round = 0; round < 3; round++) {
    await storeWithoutAnswer(run)
    await end(target)
    proxy.tcp.cutAll()
    await proxy.tcp.resume()
    await target.startAll()
    await run.mirrors(1_000)
  }
  const outcome = await run.finish()
  summarise(run.remoteTopic, outcome)
  expectExact(outcome)
})

/** Leaves stored what fits into the requests in flight. */
async function storeWithoutAnswer({ remoteTopic }: FaultRun): Promise<void> {
  proxy.tcp.holdAnswers()
  let last = -1
  await waitUntil(
    'nothing more is stored',
    async () => {
      const count = await recordCount(target, remoteTopic)
      const isAtRest = count === last
      last = count
      return isAtRest
    },
    { timeoutMs: 30_000, intervalMs: 500 }
  )
}
