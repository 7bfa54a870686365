import { beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { MetadataSharing } from '../../../src/client/metadata-sharing.ts'
import { Reachability } from '../../../src/client/reachability.ts'
import { PartitionMapWriter } from '../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { type OffsetMapSettings } from '../../../src/mirror/offset-map-settings.ts'
import { OffsetMapTopics } from '../../../src/mirror/offset-map-topic.ts'
import { openConnection } from '../../../src/net/open-connection.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { producerSettings } from '../../support/real-client.ts'
import { clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { unreadMetrics } from '../../support/unread-metrics.ts'

const startCluster = realClusters()
let cluster: LocalCluster

beforeAll(async () => {
  cluster = await startCluster()
}, clusterTimeoutMs)

function setUp(): {
  readonly topics: OffsetMapTopics
  readonly lines: string[]
  readonly settings: (factor: number) => OffsetMapSettings
} {
  const lines: string[] = []
  const topics = new OffsetMapTopics({
    ...{
      openConnection,
      reachability: new Reachability(silentLogger),
      metadataSharing: new MetadataSharing(systemClock)
    },
    ...{ clock: systemClock, random: systemRandom, metrics: unreadMetrics(systemClock), logger: recordingLogger(lines) }
  })
  const client = producerSettings(cluster.bootstrapServers)
  return {
    topics,
    lines,
    settings: (replicationFactor) => ({ sourceAlias: 'A', targetAlias: 'B', replicationFactor, client })
  }
}

test('what one worker writes another one reads, before it writes itself', async () => {
  const [one, other] = [setUp(), setUp()]
  const written = one.topics.acquire('mm2-offset-map.A.internal', one.settings(1))
  await written.opened
  const start = { sourceTopicId: null, targetTopicId: null, targetLogEnd: 0n, position: 0n, isFresh: true }
  const writer = new PartitionMapWriter(written.map, { topic: 't', partition: 0, ...start })
  writer.mirrored(0n, 0n, 10)
  await written.append(writer.take())
  const read = other.topics.acquire('mm2-offset-map.A.internal', other.settings(1))
  await read.opened
  expect(read.map.partition('t', 0)?.toTarget(5n)).toEqual({ offset: 5n, exact: true })
  writer.mirrored(10n, 10n, 10)
  await written.append(writer.take())
  await read.readToEnd()
  expect([read.map.partition('t', 0)?.coveredTo, one.lines, other.lines]).toEqual([20n, [], []])
  await Promise.all([one.topics.release(written), other.topics.release(read)])
  expect([written.isUsable, read.isUsable]).toEqual([false, false])
})

test('a route has it open once, until the last who uses it gives it back', async () => {
  const { topics, settings } = setUp()
  const first = topics.acquire('mm2-offset-map.A.internal', settings(1))
  expect(topics.acquire('mm2-offset-map.A.internal', settings(1))).toBe(first)
  await first.opened
  await topics.release(first)
  expect(first.isUsable).toBe(true)
  await topics.release(first)
  expect(first.isUsable).toBe(false)
  await expect(first.append([{ key: Buffer.of(1), value: null }])).rejects.toThrow()
})

test('where it cannot be created that is said, and the next who asks for it tries again', async () => {
  const { topics, lines, settings } = setUp()
  const refused = topics.acquire('mm2-offset-map.C.internal', settings(3))
  await refused.opened
  expect([refused.isUsable, lines.at(-1)]).toEqual([false, expect.stringContaining('the offset map cannot be kept')])
  const again = topics.acquire('mm2-offset-map.C.internal', settings(1))
  await again.opened
  expect(again.isUsable).toBe(true)
  await Promise.all([topics.release(refused), topics.release(again)])
})
