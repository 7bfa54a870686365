/** The program itself is killed, or told to stop, at random moments under load. */
import { beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { expectExact, faultRuns, lasts, summarise } from '../support/fault-run.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { faultSeed, seededRandom } from '../support/seeded-random.ts'

const startCluster = realClusters()
const startRun = faultRuns()
const restarts = 10
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(), startCluster()])
  source = a
  target = b
}, clusterTimeoutMs)

test(`ten kill -9 lose nothing and repeat whole stretches only, seed ${faultSeed}`, async () => {
  const random = seededRandom()
  const run = await startRun({ source, target, topic: 'killed' })
  for (let count = 0; count < restarts; count++) {
    await lasts(random.between(200, 4_000))
    await run.mirror.kill()
    await run.startMirror()
  }
  await run.producer.flows(500)
  const outcome = await run.finish()
  summarise(`${restarts} x kill -9`, outcome)
  const { missing, faults } = outcome.report
  expect({ missing, faults }).toEqual({ missing: [], faults: [] })
})

test(`ten SIGTERM lose nothing and repeat nothing, seed ${faultSeed}`, async () => {
  const random = seededRandom(faultSeed + 1)
  const run = await startRun({ source, target, topic: 'stopped' })
  for (let count = 0; count < restarts; count++) {
    await lasts(random.between(200, 4_000))
    // Before it listens to signals it has done nothing yet, and ends by the signal itself.
    expect(await run.mirror.stop()).toBeOneOf([
      { code: 0, signal: null },
      { code: null, signal: 'SIGTERM' }
    ])
    await run.startMirror()
  }
  await run.producer.flows(500)
  const outcome = await run.finish()
  summarise(`${restarts} x SIGTERM`, outcome)
  expectExact(outcome)
})
