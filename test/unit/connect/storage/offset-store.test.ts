import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RenewableProducer } from '../../../../src/client/renewable-producer.ts'
import { OffsetStore } from '../../../../src/connect/storage/offset-store.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { FakeLogCluster, type FakeRecord } from '../../../support/fake-log-cluster.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'

const topic = 'mm2-offsets.A.internal'
const connector = 'MirrorSourceConnector'
const fields = { cluster: 'A', partition: 0, topic: 't1' }
const key = `["${connector}",{"cluster":"A","partition":0,"topic":"t1"}]`

async function openStore(...records: FakeRecord[]) {
  const cluster = new FakeLogCluster()
  cluster.create(topic, 25)
  cluster.append(topic, 4, ...records)
  const log: string[] = []
  const producer = new RenewableProducer(() => cluster.producer())
  const store = new OffsetStore({
    ...{ cluster, topic, clock: new ManualClock(), logger: recordingLogger(log), producer },
    ...{ partitions: 25, replicationFactor: 1, configs: {}, isolation: 'read_uncommitted' }
  })
  onTestFinished(() => {
    store.close()
  })
  await store.load()
  return { cluster, log, store }
}

describe('stored positions for operators', () => {
  it('are those of one connector, of any shape, without the forgotten ones', async () => {
    const { store } = await openStore(
      { key, value: '{"offset":9007199254740993}' },
      { key: `["${connector}",{"topic":"t2","partition":1}]`, value: '{"at":{"file":"x","line":3},"offset":null}' },
      { key: `["${connector}",{"topic":"gone"}]`, value: '{"offset":1}' },
      { key: `["${connector}",{"topic":"gone"}]`, value: null },
      { key: '["MirrorSourceConnector2",{"topic":"t"}]', value: '{"offset":1}' }
    )
    const positions = await store.connectorOffsets(connector)
    expect(positions).toEqual([
      { partition: { cluster: 'A', partition: 0n, topic: 't1' }, offset: { offset: 9007199254740993n } },
      { partition: { partition: 1n, topic: 't2' }, offset: { at: { file: 'x', line: 3n }, offset: null } }
    ])
    expect(Object.keys(positions[0]?.partition ?? {})).toEqual(['cluster', 'partition', 'topic'])
    expect(await store.connectorOffsets('other')).toEqual([])
  })

  it('are altered under the bytes that tasks look up, in the partition that Java would choose', async () => {
    const { cluster, store } = await openStore()
    await store.alter(connector, [{ partition: { topic: 't1', cluster: 'A', partition: 0n }, offset: { offset: 5n } }])
    expect(cluster.records(topic)).toEqual([{ key, value: '{"offset":5}' }])
    expect(cluster.partitionOf(topic, key)).toBe(4)
    expect(await store.get(connector, [{ fields }])).toEqual([5n])
    await store.alter(connector, [{ partition: fields, offset: null }])
    expect(await store.get(connector, [{ fields }])).toEqual([undefined])
    expect(await store.connectorOffsets(connector)).toEqual([])
  })

  it('are not altered to what is not JSON with integers', async () => {
    const { store } = await openStore()
    for (const partition of [{ at: () => 0 }, { at: undefined }, { at: 0.5 }]) {
      await expect(store.alter(connector, [{ partition, offset: null }])).rejects.toThrow(RangeError)
    }
  })
})

describe('spellings of a key', () => {
  // Java's order of the first is that of the alphabet, as MirrorMaker's is; that of the second is not.
  const spellings = [
    ['{"cluster":"A","topic":"t"}', '{"topic":"t","cluster":"A"}', '{ "cluster":"A","topic":"t"}'],
    ['{"schema":"s","db":"d"}', '{"db":"d","schema":"s"}', '{"schema":"s", "db":"d"}']
  ] as const
  const asked = [{ fields: { cluster: 'A', topic: 't' } }, { fields: { schema: 's', db: 'd' } }]
  const record = fc.record({ of: fc.constantFrom(0, 1), spelling: fc.constantFrom(0, 1, 2), offset: fc.nat() })

  it('all count, by the newest record, until there is one in the spelling of Java', async () => {
    const lists = fc.array(record, { maxLength: 12 })
    const claim = fc.asyncProperty(lists, async (records) => {
      const { store } = await openStore(
        ...records.map(({ of, spelling, offset }) => ({
          key: `["${connector}",${spellings[of][spelling]}]`,
          value: `{"offset":${offset}}`
        }))
      )
      const expected = asked.map((_, index) => {
        const own = records.filter(({ of }) => of === index)
        const newest = own.findLast(({ spelling }) => spelling === 0) ?? own.at(-1)
        return newest === undefined ? undefined : BigInt(newest.offset)
      })
      expect(await store.get(connector, asked)).toEqual(expected)
    })
    await fc.assert(claim)
  })
})

describe('positions that a worker had not stored when it was cut off', () => {
  it('are dropped: they are not written when it is back, and their task is told', async () => {
    const { cluster, store } = await openStore()
    cluster.goAway()
    const dropped = (offset: bigint): Promise<void> =>
      expect(store.put(connector, [{ partition: { fields }, offset }])).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    const first = dropped(5n)
    // The producer holds the first; the second is still on its way there.
    await settle()
    const second = dropped(6n)
    await store.dropWrites()
    await Promise.all([first, second])
    cluster.comeBack()
    await store.put(connector, [{ partition: { fields }, offset: 7n }])
    await settle()
    expect(cluster.records(topic)).toEqual([{ key, value: '{"offset":7}' }])
  })
})

describe('broken records of the offsets topic', () => {
  it('are skipped with a line that names topic, partition and offset, and hide no position', async () => {
    const { log, store } = await openStore(
      { key, value: '{"offset":5}' },
      { key, value: 'no json' },
      { key: null, value: '{"offset":6}' },
      { key: `["${connector}",null]`, value: '{"offset":6}' },
      { key: `["${connector}",{"at":1.5}]`, value: '{"offset":6}' },
      { key: `["${connector}",{"topic":"t2"}]`, value: '[7]' }
    )
    expect(await store.get(connector, [{ fields }])).toEqual([5n])
    expect(log).toEqual([
      `warn: Skipped the record of ${topic}-4 at offset 1: its value is not a JSON object`,
      ...[2, 3, 4].map(
        (at) => `warn: Skipped the record of ${topic}-4 at offset ${at}: its key is not a connector's position`
      ),
      `warn: Skipped the record of ${topic}-4 at offset 5: its value is not a JSON object`
    ])
    // Where nothing better is known, it is not taken for "nothing stored".
    await expect(store.get(connector, [{ fields: { topic: 't2' } }])).rejects.toMatchObject({
      code: 'MIRROR_INTERNAL_TOPIC'
    })
    expect(await store.connectorOffsets(connector)).toHaveLength(1)
  })
})
