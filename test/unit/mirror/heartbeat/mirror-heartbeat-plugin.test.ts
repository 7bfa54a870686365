import { expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { MetadataSharing } from '../../../../src/client/metadata-sharing.ts'
import { Reachability } from '../../../../src/client/reachability.ts'
import { PluginLoader } from '../../../../src/config/plugin-loader.ts'
import { mirrorHeartbeatPlugin } from '../../../../src/mirror/heartbeat/mirror-heartbeat-plugin.ts'
import { OffsetMapTopics } from '../../../../src/mirror/offset-map-topic.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'
import { unreadMetrics } from '../../../support/unread-metrics.ts'

function setUp() {
  const clock = new ManualClock()
  const clients = {
    openConnection: () => Promise.reject(new Error('this test has no network')),
    reachability: new Reachability(silentLogger),
    metadataSharing: new MetadataSharing(clock),
    metrics: unreadMetrics(clock),
    clock,
    random: () => 0.5
  }
  const plugin = mirrorHeartbeatPlugin({
    ...clients,
    loader: new PluginLoader('test/unit/mirror'),
    offsetMapTopics: new OffsetMapTopics({ ...clients, logger: silentLogger }),
    producerCompression: () => null
  })
  return { clock, plugin }
}

const services = { connector: 'MirrorHeartbeatConnector', task: 0, logger: silentLogger }
const config = {
  name: 'MirrorHeartbeatConnector',
  'source.cluster.alias': 'A',
  'target.cluster.alias': 'B',
  'target.cluster.bootstrap.servers': 'b:9092',
  'replication.policy.class': './fixtures/plugins.js#SuffixPolicy'
}
const wrong = { ...config, 'replication.policy.class': './fixtures/plugins.js#Misspelt' }

it('writes heartbeats where a policy of one’s own has them', async () => {
  const { clock, plugin } = setUp()
  const task = plugin.createTask(config, services)
  await task.start({ storedOffsets: () => Promise.resolve([]), isLeaseHeld: () => true })
  const polled = task.poll()
  await settle()
  await clock.advance(1000)
  expect(await polled).toMatchObject([{ targetTopic: 'pulse' }])
  await task.stop()
})

it('refuses a config that names a class which is not to be had, when asked and when it starts', async () => {
  const { plugin } = setUp()
  expect(await plugin.validate(config)).toEqual([])
  expect(await plugin.validate(wrong)).toMatchObject([{ key: 'replication.policy.class' }])
  const connector = plugin.createConnector(wrong, services)
  await expect(
    connector.start({ requestTaskReconfiguration: () => undefined, raiseError: () => undefined })
  ).rejects.toThrow(/^replication\.policy\.class = .*#Misspelt: expected a replication policy: /)
  await connector.stop()
})

it('names a key that is missing as a config spells it', async () => {
  const key = 'target.cluster.bootstrap.servers'
  const incomplete = Object.fromEntries(Object.entries(config).filter(([name]) => name !== key))
  const message = `${key}: missing, expected host:port addresses, separated by commas`
  expect(await setUp().plugin.validate(incomplete)).toEqual([{ key, message }])
})
