/** Java workers and this program in one Connect group: both share the tasks and read what the other has stored. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { JavaMirrorMaker } from '../../dev/local-kafka/java-mirror-maker.ts'
import { kafkaJars } from '../../dev/local-kafka/kafka-jars.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { compareMirrored } from '../support/invariants.ts'
import { readIdentified, untilNothingIsMissing } from '../support/fault-run.ts'
import { localMirrors, pairProperties } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { cleanUpAfterFile, clusterTimeoutMs, temporaryDirectories } from '../support/real-cluster.ts'
import { SteadyProducer } from '../support/steady-producer.ts'
import { expectRepeatsAfter, storedPositions, untilPositionsOf } from '../support/stored-positions.ts'
import { StoredStates } from '../support/stored-states.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()
const connector = 'MirrorSourceConnector'
const patienceMs = 120_000
let pair: MirroredPair

beforeAll(async () => {
  pair = await startPair()
}, clusterTimeoutMs)

describe.each([
  ['4.3.1', ['A', 'B']],
  ['3.9.1', ['C', 'D']]
] as const)('Java MirrorMaker %s and this program in one group', (version, aliases) => {
  const [from, to] = aliases
  const topic = `mixed-${from}`
  const remote = `${from}.${topic}`
  const more = {
    topics: topic,
    'tasks.max': '4',
    [`${from}->${to}.emit.checkpoints.enabled`]: 'false',
    'sync.topic.acls.enabled': 'false',
    [`${to}.session.timeout.ms`]: '6000',
    [`${to}.heartbeat.interval.ms`]: '1000',
    [`${to}.scheduled.rebalance.max.delay.ms`]: '2000',
    [`${to}.offset.flush.interval.ms`]: '1000',
    // A Java leader may give a connector to a follower, which then has to hand it the task configs.
    'dedicated.mode.enable.internal.rest': 'true',
    listeners: 'http://127.0.0.1:0'
  }

  const startJava = async (): Promise<JavaMirrorMaker> => {
    const java = await JavaMirrorMaker.start({
      jars: await kafkaJars(version),
      propertiesFile: join(await temporaryDirectory(), 'mm2.properties'),
      properties: pairProperties(pair.source, pair.target, more, aliases),
      clusters: [to]
    })
    register(() => java.kill())
    return java
  }
  const startOurs = (): Promise<LocalMirror> =>
    startMirror(pair.source, pair.target, more, { aliases: [...aliases], clusters: [to] })

  test('share the tasks, whoever leads, and carry on from its positions when the other is killed', async () => {
    await pair.sourceAdmin.createTopic(topic, 4)
    const producer = await SteadyProducer.start(pair.source, topic, { partitions: 4, recordsPerSecond: 200 })
    register(() => producer.kill())

    const java = await startJava()
    const states = await StoredStates.follow(pair.target, `mm2-status.${from}.internal`)
    register(() => states.close())
    await states.spreads(connector, [4], patienceMs)

    const ours = await startOurs()
    await states.spreads(connector, [2, 2], patienceMs)

    await untilPositionsOf(4, pair.target, from, topic)
    await java.kill()
    await states.spreads(connector, [4], patienceMs)
    await producer.flows(100)

    const secondJava = await startJava()
    await states.spreads(connector, [2, 2], patienceMs)
    await ours.kill()
    await states.spreads(connector, [4], patienceMs)
    await producer.flows(100)
    const acked = await producer.stop()
    await untilNothingIsMissing(acked, pair.target, remote)
    // As Java ends on a signal.
    expect(await secondJava.stop()).toEqual({ code: 143, signal: null })
    const { replays, faults } = compareMirrored(acked, await readIdentified(pair.target, remote))
    expect(faults).toEqual([])
    expectRepeatsAfter(await storedPositions(pair.target, from, topic), replays)
  }, 600_000)
})
