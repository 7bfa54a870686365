import { expect, test } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { MetadataSharing } from '../../../src/client/metadata-sharing.ts'
import { Reachability } from '../../../src/client/reachability.ts'
import { OffsetMapTopics } from '../../../src/mirror/offset-map-topic.ts'
import { FakeBrokers, recordingLogger } from '../../support/fake-brokers.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { producerSettings } from '../../support/real-client.ts'
import { unreadMetrics } from '../../support/unread-metrics.ts'

test('once it cannot be kept, whoever has it is told so at each write', async () => {
  const [clock, lines] = [new ManualClock(), [] as string[]]
  const brokers = new FakeBrokers()
  brokers.add(1, 9001)
  brokers.addTopic('mm2-offset-map.A.internal', [1, 1])
  const topics = new OffsetMapTopics({
    ...{ openConnection: brokers.open, clock, random: () => 0.5, logger: recordingLogger(lines) },
    ...{ reachability: new Reachability(silentLogger), metadataSharing: new MetadataSharing(clock) },
    metrics: unreadMetrics(clock)
  })
  const settings = { sourceAlias: 'A', targetAlias: 'B', replicationFactor: 1, client: producerSettings('b:9001') }
  const topic = topics.acquire('mm2-offset-map.A.internal', settings)
  await topic.opened
  expect([topic.isUsable, lines]).toEqual([false, [expect.stringContaining('has 2 partitions and may have 1')]])
  for (const value of [Buffer.of(1), null]) {
    await expect(topic.append([{ key: Buffer.of(1), value }])).rejects.toThrow('cannot be written any more')
  }
  await topics.release(topic)
})
