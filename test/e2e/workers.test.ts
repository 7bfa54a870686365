/** Several processes with one file: they share the tasks of a route and outlive each other. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { compareMirrored } from '../support/invariants.ts'
import { readIdentified, untilNothingIsMissing } from '../support/fault-run.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { cleanUpAfterFile, clusterTimeoutMs } from '../support/real-cluster.ts'
import { SteadyProducer } from '../support/steady-producer.ts'
import { StoredStates } from '../support/stored-states.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const register = cleanUpAfterFile()
const connector = 'MirrorSourceConnector'
const partitions = 6
let pair: MirroredPair

beforeAll(async () => {
  pair = await startPair()
  await pair.sourceAdmin.createTopic('shared', partitions)
}, clusterTimeoutMs)

const more = {
  topics: 'shared',
  'tasks.max': '6',
  'B.session.timeout.ms': '6000',
  'B.heartbeat.interval.ms': '1000',
  'B.scheduled.rebalance.max.delay.ms': '3000'
}

describe('three processes with one file', () => {
  const mirrors: LocalMirror[] = []
  let states: StoredStates
  let producer: SteadyProducer

  const start = async (): Promise<LocalMirror> => await startMirror(pair.source, pair.target, more)

  /** What was acknowledged so far. */
  async function arrives(): Promise<void> {
    await pair.arrived('A.shared', producer.ackedCount, { timeoutMs: 15_000 })
  }

  test('share the tasks evenly', async () => {
    for (let count = 0; count < 3; count++) mirrors.push(await start())
    states = await StoredStates.follow(pair.target, 'mm2-status.A.internal')
    register(() => states.close())
    await states.spreads(connector, [2, 2, 2])
    producer = await SteadyProducer.start(pair.source, 'shared', { partitions, recordsPerSecond: 500 })
    register(() => producer.kill())
    await producer.flows(500)
    await arrives()
  }, 120_000)

  test('stopped and started one after the other, repeat and lose nothing', async () => {
    for (const [index, mirror] of mirrors.entries()) {
      expect(await mirror.stop()).toEqual({ code: 0, signal: null })
      await producer.flows(200)
      mirrors[index] = await start()
      await states.spreads(connector, [2, 2, 2])
      await arrives()
    }
    await untilNothingIsMissing(await readIdentified(pair.source, 'shared'), pair.target, 'A.shared')
    const seen = await readIdentified(pair.target, 'A.shared')
    const { replays, faults } = compareMirrored(await readIdentified(pair.source, 'shared'), seen)
    expect({ replays, faults }).toEqual({ replays: [], faults: [] })
  }, 240_000)

  test('take over the tasks of one that was killed, and give them back', async () => {
    await mirrors[0]?.kill()
    await states.spreads(connector, [3, 3])
    await producer.flows(200)
    await arrives()
    mirrors[0] = await start()
    await states.spreads(connector, [2, 2, 2])
    const acked = await producer.stop()
    await untilNothingIsMissing(acked, pair.target, 'A.shared')
    for (const mirror of mirrors) expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  }, 240_000)
})
