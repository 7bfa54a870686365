import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeGroup } from '../../../src/client/consumer-groups.ts'
import { type KafkaCluster, connectCluster } from '../../../src/client/kafka-cluster.ts'
import { type ClientSettings } from '../../../src/config/client-settings.ts'
import { describeGroups } from '../../../src/wire/api/15-describe-groups.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { FakeBrokers, fakeSettings, recordingLogger } from '../../support/fake-brokers.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const metadataKey = 3
let clock: ManualClock
let brokers: FakeBrokers
let log: string[]
let cluster: KafkaCluster

function connect(ports: readonly number[], changes: Partial<ClientSettings> = {}): void {
  const settings = fakeSettings(ports, changes)
  const logger = recordingLogger(log)
  cluster = connectCluster({ alias: 'B', settings, openConnection: brokers.open, clock, random: () => 0.5, logger })
}

beforeEach(() => {
  clock = new ManualClock()
  brokers = new FakeBrokers()
  log = []
})
afterEach(async () => {
  await cluster.close()
})

/** Lets time pass until the promise has settled. */
async function passing<T>(promise: Promise<T>, stepMs = 10): Promise<T> {
  const settled = promise.then(
    () => true,
    () => true
  )
  for (let step = 0; step < 10_000; step++) {
    await clock.advance(stepMs)
    if (await Promise.race([settled, Promise.resolve(false)])) return await promise
  }
  throw new Error('nothing happened')
}

describe('a cluster that cannot be reached', () => {
  it('is tried for ever, with one warning when it is missed and one line when it is back', async () => {
    const broker = brokers.add(1, 9092)
    broker.isUp = false
    connect([9092, 9093])
    await clock.advance(600_000)
    expect(brokers.attempts.length).toBeGreaterThan(500)
    expect(log).toEqual([
      expect.stringMatching(/^warn: No broker of cluster B can be reached at fake:909[23], fake:909[23]/)
    ])
    broker.isUp = true
    await passing(cluster.ready())
    expect(cluster.brokers.map(({ nodeId }) => nodeId)).toEqual([1])
    expect(log.slice(1)).toEqual(['info: Cluster B is reachable again'])
  })

  it('is tried with growing pauses', async () => {
    connect([9092])
    await clock.advance(3_000)
    const attemptsOfFirstSeconds = brokers.attempts.length
    await clock.advance(60_000)
    await clock.advance(3_000)
    expect(attemptsOfFirstSeconds).toBeLessThan(12)
    expect(brokers.attempts.length).toBeLessThan(attemptsOfFirstSeconds + 75)
  })

  it('makes a request give up at its deadline with the reason, retriable', async () => {
    connect([9092])
    const request = cluster.request({ any: true }, describeGroups, { groups: [] }, { deadlineMs: 2_000 })
    const givenUp = expect(passing(request)).rejects
    await givenUp.toMatchObject({ code: 'MIRROR_NETWORK', retriable: true })
    await givenUp.toThrow('refused by port 9092')
    expect(clock.monotonic()).toBeLessThanOrEqual(2_100)
  })

  it('ends waiting calls when it is closed or their signal aborts', async () => {
    connect([9092])
    const abort = new AbortController()
    const aborted = cluster.ready(abort.signal)
    const closed = cluster.describeTopics('all')
    abort.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    await cluster.close()
    await expect(passing(closed)).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    // A loop that waits for metadata would otherwise go round for ever without letting anything else run.
    await expect(cluster.refreshed()).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    await clock.advance(600_000)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('metadata', () => {
  it('keeps what it knows of a followed topic, instead of a copy, while answers say the same', async () => {
    brokers.add(1, 9092)
    brokers.addTopic('orders', [1, -1])
    connect([9092])
    cluster.follow('orders')
    await passing(cluster.refreshed())
    const known = cluster.topic('orders')
    expect((await passing(cluster.describeTopics(['orders'])))[0]).toBe(known)
    brokers.addTopic('orders', [1, 1])
    const [changed] = await passing(cluster.describeTopics(['orders']))
    expect(changed?.partitions.map(({ leader }) => leader)).toEqual([1, 1])
    expect(cluster.leader('orders', 1)?.nodeId).toBe(1)
    brokers.addTopic('orders', [1, 1, 1])
    expect((await passing(cluster.describeTopics(['orders'])))[0]?.partitions).toHaveLength(3)
  })

  it('comes from whichever bootstrap server answers, and keeps the errors of single topics and partitions', async () => {
    brokers.add(1, 9093)
    brokers.addTopic('good', [1, -1, 1])
    brokers.addTopic('secret', [], 29)
    connect([9092, 9093])
    const topics = await passing(cluster.describeTopics(['good', 'missing', 'secret']))
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['good', 0],
      ['missing', 3],
      ['secret', 29]
    ])
    expect(topics[0]?.partitions.map(({ leader, errorCode }) => [leader, errorCode])).toEqual([
      [1, 0],
      [-1, 5],
      [1, 0]
    ])
    expect(log).toEqual([])
  })

  it('of followed topics is known without asking, until nobody follows them', async () => {
    brokers.add(1, 9092)
    brokers.addTopic('orders', [1, -1])
    connect([9092])
    cluster.follow('orders')
    cluster.follow('orders')
    await passing(cluster.ready())
    expect(cluster.leader('orders', 0)).toMatchObject({ nodeId: 1 })
    expect(cluster.leader('orders', 1)).toBeUndefined()
    cluster.unfollow('orders')
    expect(cluster.topic('orders')).toBeDefined()
    cluster.unfollow('orders')
    expect(cluster.topic('orders')).toBeUndefined()
  })

  it('is refreshed when it is too old, and tells of changes only', async () => {
    brokers.add(1, 9092)
    brokers.addTopic('orders', [1])
    connect([9092], { metadataMaxAgeMs: 60_000 })
    cluster.follow('orders')
    await passing(cluster.ready())
    let changes = 0
    cluster.onChange(() => {
      changes += 1
    })
    await clock.advance(61_000)
    expect(brokers.count(`1/${metadataKey}`)).toBe(2)
    expect(changes).toBe(0)
    brokers.addTopic('orders', [1, 1])
    await clock.advance(61_000)
    expect(changes).toBe(1)
    expect(cluster.topic('orders')?.partitions).toHaveLength(2)
  })

  it('is asked for once by many callers, and ever slower by one that keeps asking', async () => {
    brokers.add(1, 9092)
    connect([9092])
    await passing(cluster.ready())
    await clock.advance(10_000)
    const before = brokers.count(`1/${metadataKey}`)
    for (let call = 0; call < 50; call++) cluster.refreshSoon()
    await passing(Promise.all([cluster.refreshed(), cluster.refreshed()]))
    expect(brokers.count(`1/${metadataKey}`)).toBe(before + 1)
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 10) {
      cluster.refreshSoon()
      await clock.advance(10)
    }
    expect(brokers.count(`1/${metadataKey}`)).toBeLessThan(before + 20)
  })

  it('of a broker that is still starting, and names no brokers, is not believed', async () => {
    brokers.add(1, 9092)
    brokers.named = []
    connect([9092])
    const topics = cluster.describeTopics(['orders'])
    await clock.advance(500)
    brokers.named = null
    brokers.addTopic('orders', [1])
    expect(await passing(topics)).toMatchObject([{ name: 'orders', errorCode: 0 }])
  })

  it('is found again through the bootstrap servers when all known brokers are gone', async () => {
    const old = brokers.add(1, 9092)
    connect([9092, 9099])
    await passing(cluster.ready())
    old.isUp = false
    for (const connection of brokers.connections) connection.close(new Error('gone'))
    brokers.named = [brokers.add(7, 9099)]
    expect(await passing(cluster.describeTopics([]))).toEqual([])
    expect(cluster.brokers.map(({ nodeId }) => nodeId)).toEqual([7])
    expect(log).toEqual([])
  })
})

describe('the coordinator of a group', () => {
  it('is looked up once, and again when it has moved', async () => {
    brokers.add(1, 9092)
    brokers.add(2, 9093)
    connect([9092])
    brokers.answers.set(describeGroups.key, ({ nodeId }) => groupAnswer(nodeId === brokers.coordinator ? 0 : 16))
    const members = async (): Promise<number> => (await describeGroup(cluster, 'A-mm2')).memberCount
    expect(await passing(members())).toBe(1)
    expect(await passing(members())).toBe(1)
    brokers.coordinator = 2
    expect(await passing(members())).toBe(1)
    const asked = brokers.requests.filter((request) => !request.endsWith(`/${metadataKey}`))
    expect(asked).toEqual(['1/10', '1/15', '1/15', '1/15', expect.stringMatching('/10'), '2/15'])
  })
})

/** DescribeGroups v4: one group with one member. */
function groupAnswer(errorCode: number): Buffer {
  const writer = new Writer().int32(0).arrayLength(1).int16(errorCode).string('A-mm2').string('Stable')
  writer.string('connect').string('sessioned').arrayLength(1).string('m').nullableString(null).string('w').string('/h')
  return writer.bytes(Buffer.alloc(0)).bytes(Buffer.alloc(0)).int32(0).toBuffer()
}

describe('connections', () => {
  it('are kept quiet for as long as the broker asks', async () => {
    brokers.add(1, 9092)
    connect([9092])
    brokers.throttleTimeMs = 5_000
    await passing(cluster.ready())
    const answeredMs = clock.monotonic()
    brokers.throttleTimeMs = 0
    await passing(cluster.describeTopics([]))
    expect(clock.monotonic() - answeredMs).toBeGreaterThanOrEqual(4_990)
  })

  it('are shared for small requests, one for each purpose of bulk data, and closed when idle', async () => {
    brokers.add(1, 9092)
    connect([9092], { connectionsMaxIdleMs: 60_000, metadataMaxAgeMs: 3_600_000 })
    await passing(Promise.all([cluster.ready(), cluster.describeTopics([]), cluster.describeTopics('all')]))
    expect(brokers.connections).toHaveLength(1)
    const [first, again, other] = await Promise.all([
      cluster.dataConnection(1, 'fetch'),
      cluster.dataConnection(1, 'fetch'),
      cluster.dataConnection(1, 'produce')
    ])
    expect(first).toBe(again)
    expect(other).not.toBe(first)
    await clock.advance(90_000)
    expect(brokers.connections.map((connection) => connection.closed)).toEqual([true, true, true])
  })

  it('of a broker that fails are tried ever slower, whatever their purpose', async () => {
    const broker = brokers.add(1, 9092)
    connect([9092])
    await passing(cluster.ready())
    broker.isUp = false
    const before = brokers.attempts.length
    const startMs = clock.monotonic()
    for (let attempt = 0; attempt < 8; attempt++) {
      await expect(passing(cluster.dataConnection(1, `p${attempt}`))).rejects.toMatchObject({ retriable: true })
    }
    expect(brokers.attempts.length - before).toBeGreaterThanOrEqual(8)
    expect(clock.monotonic() - startMs).toBeGreaterThan(50 + 100 + 200 + 400 + 800)
  })

  it('to a broker that metadata does not name are refused, retriable', async () => {
    brokers.add(1, 9092)
    connect([9092])
    await passing(cluster.ready())
    await expect(cluster.dataConnection(9, 'fetch')).rejects.toMatchObject({ code: 'MIRROR_NETWORK', retriable: true })
  })
})
