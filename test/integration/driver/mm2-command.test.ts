import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { type MirrorError } from '../../../src/base/errors.ts'
import { runMm2Command } from '../../../src/driver/mm2-command.ts'
import { parseMm2CommandLine } from '../../../src/driver/mm2-command-line.ts'
import { encodeHeartbeat } from '../../../src/mirror-client/heartbeat.ts'
import { encodeOffsetSync } from '../../../src/mirror-client/offset-sync.ts'
import { clusterAdmins } from '../../support/cluster-admin.ts'
import { type Produce, plainProducers } from '../../support/plain-producer.ts'
import { realClients } from '../../support/real-client.ts'
import { clusterTimeoutMs, realClusters, temporaryDirectories } from '../../support/real-cluster.ts'
import { checkpointRecords, mapRecords, topicIdOf } from '../../support/written-mirror.ts'

/** One cluster is both sides: topics are told apart by their names. */
const startCluster = realClusters()
const connectAdmin = clusterAdmins()
const connectProducer = plainProducers()
const clients = realClients()
const directory = temporaryDirectories()
let kafka: LocalCluster
let produce: Produce
let path: string

beforeAll(async () => {
  kafka = await startCluster({ settings: { 'auto.create.topics.enable': 'false' } })
  const admin = await connectAdmin(kafka)
  produce = await connectProducer(kafka)
  path = join(await directory(), 'mm2.properties')
  const { bootstrapServers } = kafka
  await writeFile(
    path,
    `clusters = A, B\nA.bootstrap.servers = ${bootstrapServers}\nB.bootstrap.servers = ${bootstrapServers}\n` +
      'B->A.offset-syncs.topic.location = target\n'
  )
  const topics = ['A.checkpoints.internal', 'mm2-offset-map.A.internal', 'mm2-offset-syncs.B.internal', 'heartbeats']
  await Promise.all([...topics, 'A.orders', 'A.clicks'].map((topic) => admin.createTopic(topic)))
  await produce(
    'A.orders',
    Array.from({ length: 50 }, () => ({ value: 'x' }))
  )
  const targetTopicId = await topicIdOf(clients.cluster(bootstrapServers), 'A.orders')
  await produce(
    'mm2-offset-map.A.internal',
    mapRecords({ topic: 'orders', partition: 0, targetTopicId }, (writer) => {
      writer.mirrored(0n, 0n, 40)
    })
  )
  await produce(
    'A.checkpoints.internal',
    checkpointRecords(
      { topic: 'A.orders', upstreamOffset: 30n, downstreamOffset: 21n },
      { topic: 'A.clicks', upstreamOffset: 30n, downstreamOffset: 0n },
      { topic: 'A.orders', consumerGroupId: 'ahead', upstreamOffset: 45n, downstreamOffset: 38n }
    )
  )
  const sync = { topic: 'orders', partition: 3, upstreamOffset: 1000n, downstreamOffset: 998n }
  await produce('mm2-offset-syncs.B.internal', [encodeOffsetSync(sync)])
}, clusterTimeoutMs)

interface Session {
  readonly lines: string[]
  readonly ended: Promise<void>
  readonly end: () => void
}

function mm2(words: string): Session {
  const [name = '', ...options] = words.split(' ')
  const command = parseMm2CommandLine([name, path, ...options])
  if (command.command === 'help' || command.command === 'version') throw new Error('no command')
  const lines: string[] = []
  const ending = new AbortController()
  const ended = runMm2Command(command, {
    env: {},
    print: (line) => lines.push(line),
    complain: (line) => lines.push(`! ${line}`),
    signal: ending.signal
  })
  return {
    lines,
    ended,
    end: () => {
      ending.abort()
    }
  }
}

async function output(words: string): Promise<string[]> {
  const { lines, ended } = mm2(words)
  await ended
  return lines
}

it('translates a group partition by partition, and says how much it would read again', async () => {
  expect(await output('translate --route A->B --group billing')).toEqual([
    'TOPIC     PARTITION  UPSTREAM  DOWNSTREAM  TRANSLATION   READ-AGAIN',
    'A.clicks  0          30        0           conservative  <=0',
    'A.orders  0          30        30          exact         0'
  ])
  // 45 - 38 records of the source, though the log holds more.
  expect(await output('translate --route A->B --group ahead --json')).toEqual([
    '{"topic":"A.orders","partition":0,"upstreamOffset":45,"downstreamOffset":38,"exact":false,"mostReRead":7,"metadata":""}'
  ])
})

it('prints the topics of a route as the formatters of the reference do', async () => {
  expect(await output('checkpoints --route A->B --group ahead')).toEqual([
    'Checkpoint{consumerGroupId=ahead, topicPartition=A.orders-0, upstreamOffset=45, downstreamOffset=38, metadata=}'
  ])
  const syncs = ['OffsetSync{topicPartition=orders-3, upstreamOffset=1000, downstreamOffset=998}']
  expect(await output('offset-syncs --route A->B')).toEqual(syncs)
  // This route keeps them at its target, named after its source.
  expect(await output('offset-syncs --route B->A')).toEqual(syncs)
})

it('follows a topic until it is told to end', async () => {
  const { lines, ended, end } = mm2('heartbeats --route A->B --follow --from-beginning')
  const beat = (timestamp: bigint) => encodeHeartbeat({ sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp })
  const line = (timestamp: bigint) => `Heartbeat{sourceClusterAlias=A, targetClusterAlias=B, timestamp=${timestamp}}`
  await produce('heartbeats', [beat(1n)])
  await expect.poll(() => lines, { timeout: 20_000 }).toEqual([line(1n)])
  await produce('heartbeats', [beat(2n)])
  await expect.poll(() => lines, { timeout: 20_000 }).toEqual([line(1n), line(2n)])
  end()
  await ended
})

it('says what is missing', async () => {
  const failure = async (words: string): Promise<MirrorError> =>
    await mm2(words).ended.then(
      () => Promise.reject(new Error('did not fail')),
      (error: unknown) => error as MirrorError
    )
  expect(await failure('checkpoints --route B->A')).toMatchObject({
    code: 'MIRROR_INTERNAL_TOPIC',
    message: 'A has no topic B.checkpoints.internal: the route B->A has written no checkpoints there'
  })
  expect((await failure('translate --route A->B --group none')).message).toMatch(/^Group none has no checkpoints/)
  expect((await failure('translate --route B->A --group g')).message).toContain('There are checkpoints of A')
  expect(await failure('translate --route A->C --group g')).toMatchObject({ code: 'MIRROR_CONFIG_INVALID' })
})
