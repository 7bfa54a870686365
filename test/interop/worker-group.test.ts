import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { runJavaClass } from '../../dev/local-kafka/java-class.ts'
import { JavaMirrorMaker } from '../../dev/local-kafka/java-mirror-maker.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import {
  type MemberAssignment,
  type WorkerMetadata,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata
} from '../../src/connect/group/connect-protocol.ts'
import { describeGroup } from '../../src/client/consumer-groups.ts'
import { WorkSet } from '../../src/connect/group/work-set.ts'
import { realClients } from '../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters, temporaryDirectories } from '../support/real-cluster.ts'
import { toySnapshot, ToyWorker } from '../support/toy-worker.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()
const clients = realClients()
let kafka: LocalCluster

beforeAll(async () => {
  kafka = await startCluster({ settings: { 'group.min.session.timeout.ms': '1000' } })
}, clusterTimeoutMs)

const work = fc
  .array(fc.record({ connector: fc.constantFrom('a', 'b', 'größe'), task: fc.integer({ min: -1, max: 12 }) }))
  .map((items) => new WorkSet(items))
const assignment: fc.Arbitrary<MemberAssignment> = fc.record({
  error: fc.constantFrom(0, 1),
  leaderId: fc.string({ unit: 'grapheme' }),
  leaderUrl: fc.webUrl(),
  configOffset: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  assigned: work,
  revoked: work,
  delayMs: fc.nat()
})
const metadata: fc.Arbitrary<WorkerMetadata> = fc.record({
  url: fc.webUrl(),
  configOffset: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  current: fc.option(assignment, { nil: undefined })
})

const plain = ({ assigned, revoked, ...head }: MemberAssignment): object => {
  return { ...head, assigned: assigned.toItems(), revoked: revoked.toItems() }
}

describe("Java's own classes", () => {
  it('read what is written here, and what they write is read here', async () => {
    const assignments = fc.sample(assignment, { numRuns: 60, seed: 1 })
    const metadatas = fc.sample(metadata, { numRuns: 60, seed: 2 })
    const input = [
      ...assignments.map((one) => `assignment ${encodeAssignment(one, 2).toString('hex')}`),
      ...metadatas.map((one) => `metadata ${encodeMetadata(one, 2).toString('hex')}`)
    ].join('\n')
    const program = fileURLToPath(new URL('../support/ReserializeGroupProtocol.java', import.meta.url))
    const { stdout } = await runJavaClass(kafka.jars, program, [], { input: `${input}\n` })
    const written = stdout
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line, 'hex'))
    expect(written).toHaveLength(120)
    expect(written.slice(0, 60).map((bytes) => plain(decodeAssignment(bytes)))).toEqual(assignments.map(plain))
    const readBack = written.slice(60).map((bytes) => decodeMetadata(bytes))
    const comparable = ({ current, ...head }: WorkerMetadata): object => ({
      ...head,
      current: current && plain(current)
    })
    expect(readBack.map(comparable)).toEqual(metadatas.map(comparable))
  }, 60_000)
})

async function startJava(): Promise<JavaMirrorMaker> {
  const java = await JavaMirrorMaker.start({
    jars: kafka.jars,
    propertiesFile: join(await temporaryDirectory(), 'mm2.properties'),
    clusters: ['B'],
    logLevel: 'info',
    jvmFlags: ['-Xmx256m'],
    properties: {
      clusters: 'A, B',
      'A.bootstrap.servers': kafka.bootstrapServers,
      'B.bootstrap.servers': kafka.bootstrapServers,
      'A->B.enabled': 'true',
      'A->B.topics': 'none',
      'B->A.enabled': 'false',
      'B->A.emit.heartbeats.enabled': 'false',
      'replication.factor': '1',
      'checkpoints.topic.replication.factor': '1',
      'heartbeats.topic.replication.factor': '1',
      'offset-syncs.topic.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      'config.storage.replication.factor': '1',
      'scheduled.rebalance.max.delay.ms': '2000',
      'B.session.timeout.ms': '3000',
      'B.heartbeat.interval.ms': '500'
    }
  })
  register(async () => {
    await java.kill()
  })
  return java
}

const names = ['MirrorCheckpointConnector', 'MirrorHeartbeatConnector', 'MirrorSourceConnector']

describe('a Java worker in the same group', () => {
  it('leads and gives work; and takes work from this leader, without connectors where those are kept', async () => {
    const java = await startJava()
    const cluster = clients.cluster(kafka.bootstrapServers)
    // Follows the offset that the Java leader tells, as a herder does by reading the config topic.
    const worker = new ToyWorker({
      ...{ cluster, groupId: 'A-mm2', url: 'NOTUSED', keepConnectorsAtLeader: true },
      ...{ snapshot: toySnapshot(-1n, names, 2), configsAt: (offset) => toySnapshot(offset, names, 2) }
    })
    register(async () => {
      await worker.stop()
    })
    await waitUntil('Java has joined', async () => (await describeGroup(cluster, 'A-mm2')).state === 'Stable', {
      timeoutMs: 120_000
    })
    worker.start()
    await waitUntil(
      'the Java leader has given it a connector',
      () => worker.running.toItems().connectors.length > 0 && !worker.group.isRejoinNeeded,
      { timeoutMs: 30_000 }
    )
    expect(worker.assignment?.isLeader).toBe(false)

    await java.kill()
    await waitUntil('it leads and has all work', () => worker.assignment?.isLeader && worker.running.size === 9, {
      timeoutMs: 30_000
    })

    await startJava()
    const isAtRest = (): boolean => !worker.group.isRejoinNeeded && worker.assignment?.revoked.tasks.length === 0
    await waitUntil('the Java worker has half of the tasks', () => worker.running.size === 6 && isAtRest(), {
      timeoutMs: 120_000
    })
    expect(worker.running.toItems().connectors).toEqual(names)
    const { generation } = worker.assignment ?? {}
    // Several heartbeats later nobody has asked for a rebalance again.
    await expect(
      waitUntil('a rebalance', () => worker.assignment?.generation !== generation, { timeoutMs: 5_000 })
    ).rejects.toThrow('timed out')
    expect(worker.failure).toBeUndefined()
  }, 400_000)
})
