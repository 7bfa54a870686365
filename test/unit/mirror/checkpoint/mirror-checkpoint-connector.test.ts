import { beforeEach, describe, expect, it } from 'vitest'
import { type NewTopic } from '../../../../src/admin/forwarding-admin.ts'
import { MirrorError } from '../../../../src/base/errors.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { Findings } from '../../../../src/config/findings.ts'
import { traced } from '../../../../src/config/traced-properties.ts'
import { type DiscoveredGroups } from '../../../../src/mirror/checkpoint/group-discovery.ts'
import { readMirrorCheckpointConfig } from '../../../../src/mirror/checkpoint/mirror-checkpoint-config.ts'
import { MirrorCheckpointConnector } from '../../../../src/mirror/checkpoint/mirror-checkpoint-connector.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const minimal = {
  ...{ name: 'MirrorCheckpointConnector', 'source.cluster.alias': 'A', 'target.cluster.alias': 'B' },
  ...{ 'source.cluster.bootstrap.servers': 'a:9092', 'target.cluster.bootstrap.servers': 'b:9092' }
}

let clock: ManualClock
let created: NewTopic[]
let reconfigurations: number
/** What the next discoveries find; an error where they find nothing. */
let found: (DiscoveredGroups | Error)[]

beforeEach(() => {
  clock = new ManualClock()
  created = []
  reconfigurations = 0
  found = []
})

async function started(properties: Record<string, string> = {}): Promise<MirrorCheckpointConnector> {
  const config = readMirrorCheckpointConfig(traced(Object.entries({ ...minimal, ...properties })), new Findings())
  if (config === null) throw new Error('the config of the test is wrong')
  const connector = new MirrorCheckpointConnector({
    settings: config.settings,
    topic: 'A.checkpoints.internal',
    source: { isReachable: true },
    targetAdmin: {
      createTopic: (topic) => {
        created.push(topic)
        return Promise.resolve(true)
      },
      createPartitions: () => Promise.resolve(false),
      close: () => Promise.resolve()
    },
    discovery: {
      run: () => {
        const next = found.shift() ?? { groups: [], isComplete: true }
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
      }
    },
    ...{ clock, random: () => 0.5, logger: silentLogger }
  })
  await connector.start({
    requestTaskReconfiguration: () => {
      reconfigurations += 1
    },
    raiseError: (error) => {
      throw error
    }
  })
  return connector
}

const all = (...groups: string[]): DiscoveredGroups => ({ groups, isComplete: true })
const shares = (connector: MirrorCheckpointConnector): (string | undefined)[] =>
  connector.taskConfigs(2).map((config) => config['task.assigned.groups'])

describe('MirrorCheckpointConnector', () => {
  it('creates its topic and deals out the groups', async () => {
    found = [all('a', 'b', 'c')]
    expect(shares(await started())).toEqual(['a,b', 'c'])
    expect(created).toEqual([
      {
        ...{ topic: 'A.checkpoints.internal', partitions: 1, replicationFactor: 3 },
        configs: { 'cleanup.policy': 'compact' }
      }
    ])
  })

  it.each([
    { enabled: 'false' },
    { 'emit.checkpoints.enabled': 'false' },
    { 'emit.checkpoints.interval.seconds': '-1' }
  ])('has no tasks and does nothing with %j, whether or not groups are known', async (properties) => {
    found = [new Error('never asked')]
    expect((await started(properties)).taskConfigs(2)).toEqual([])
    expect(created).toEqual([])
    expect(found).toHaveLength(1)
  })

  it('says that it does not know the groups yet instead of ending the tasks that there are, and tries again soon', async () => {
    found = [new MirrorError('MIRROR_NETWORK', 'away', { retriable: true }), all('a')]
    const connector = await started()
    expect(() => connector.taskConfigs(2)).toThrow(/groups of A->B are not known yet/)
    await clock.advance(2_000)
    expect(shares(connector)).toEqual(['a'])
    expect(reconfigurations).toBe(1)
  })

  it('has its tasks configured anew when groups come and go, and only then', async () => {
    found = [all('a'), all('a'), all('a', 'b'), all('b')]
    const connector = await started({ 'refresh.groups.interval.seconds': '10' })
    await clock.advance(10_000)
    expect(reconfigurations).toBe(1)
    await clock.advance(10_000)
    expect(reconfigurations).toBe(2)
    await clock.advance(10_000)
    expect(shares(connector)).toEqual(['b'])
    expect(reconfigurations).toBe(3)
    await connector.stop()
    found = [all('c')]
    await clock.advance(20_000)
    expect(shares(connector)).toEqual(['b'])
  })
})
