import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { readTopic } from '../../../dev/local-kafka/topic-records.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { createRawProducer } from '../../../src/client/batch-producer.ts'
import { connectCluster, type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { type AckedRun, type RawProducer, type RefusedRecords } from '../../../src/client/raw-producer.ts'
import { openConnection } from '../../../src/net/open-connection.ts'
import { createTopics } from '../../../src/wire/api/19-create-topics.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { producerSettings } from '../../support/fake-target/producer-bench.ts'
import { clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { BrokerProxies } from '../../support/tcp-proxy.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()

/** A record by its value, and where the producer says it is. */
interface Expected {
  readonly value: string
  readonly offset: bigint
}

class Relay {
  readonly cluster: KafkaCluster
  readonly producer: RawProducer
  readonly states: string[] = []
  /** By partition, in order; without those refused. */
  readonly expected = new Map<number, Expected[]>()
  readonly refused: string[] = []
  #records = 0

  constructor(bootstrapServers: string) {
    const addresses = bootstrapServers.split(',').map((address) => {
      const at = address.lastIndexOf(':')
      return { host: address.slice(0, at), port: Number(address.slice(at + 1)) }
    })
    const common = { clock: systemClock, random: systemRandom, logger: silentLogger }
    const settings = { ...producerSettings, bootstrapServers: addresses }
    this.cluster = connectCluster({ ...common, alias: 'B', settings, openConnection })
    this.producer = createRawProducer({
      ...common,
      cluster: this.cluster,
      settings,
      label: 'test',
      listener: {
        blocked: ({ partition }, error) => this.states.push(`blocked ${partition}: ${error.message}`),
        resumed: ({ partition }) => this.states.push(`resumed ${partition}`)
      }
    })
  }

  async createTopic(name: string, numPartitions: number, configs: Record<string, string> = {}): Promise<void> {
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
    const topic = { name, numPartitions, replicationFactor: -1, configs: entries }
    const request = { topics: [topic], timeoutMs: 10_000, validateOnly: false }
    const answer = await this.cluster.request({ controller: true }, createTopics, request)
    expect(answer.topics[0]?.errorCode).toBe(0)
  }

  async send(topic: string, partition: number, valueBytes: readonly number[], codec = 0): Promise<void> {
    const values = valueBytes.map((bytes) => `${partition}:${this.#records++};`.padEnd(bytes, 'x'))
    const key = Buffer.from('k')
    const records = values.map((value) => ({ timestamp: 1_700_000_000_000n, key, value: Buffer.from(value) }))
    const batch = await encodeBatch(records, codec)
    const settled = (runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void => {
      this.#account(partition, values, runs)
      for (const { firstIndex, count } of refused) this.refused.push(...values.slice(firstIndex, firstIndex + count))
    }
    this.producer.send(topic, partition, { records: batch, recordCount: values.length, settled })
  }

  #account(partition: number, values: readonly string[], runs: readonly AckedRun[]): void {
    const list = this.expected.get(partition) ?? []
    this.expected.set(partition, list)
    for (const { firstIndex, count, baseOffset } of runs) {
      for (let index = 0; index < count; index++) {
        list.push({ value: values[firstIndex + index] ?? 'beyond the batch', offset: baseOffset + BigInt(index) })
      }
    }
  }

  async close(): Promise<void> {
    await this.producer.close()
    await this.cluster.close()
  }
}

/** What Kafka's own consumer finds, in the form of Relay.expected. */
async function stored(cluster: LocalCluster, topic: string): Promise<Map<number, Expected[]>> {
  const found = new Map<number, Expected[]>()
  for (const { partition, offset, value } of await readTopic(cluster, topic)) {
    const list = found.get(partition) ?? []
    list.push({ value: String(value), offset })
    found.set(partition, list)
  }
  for (const list of found.values()) list.sort((a, b) => Number(a.offset - b.offset))
  return found
}

describe('a raw producer before a real broker', () => {
  const proxies = new BrokerProxies()
  let cluster: LocalCluster
  let relay: Relay

  beforeAll(async () => {
    cluster = await startCluster({ advertise: proxies.advertise })
    return async () => {
      await proxies.close()
    }
  }, clusterTimeoutMs)

  afterEach(async () => {
    await relay.close()
  })

  it('stores batches of every codec, and small ones merged, where it says', async () => {
    relay = new Relay(cluster.bootstrapServers)
    await relay.createTopic('codecs', 3)
    for (let round = 0; round < 300; round++) {
      for (const partition of [0, 1, 2]) {
        const codec = round % 10 < 5 ? 0 : round % 5
        await relay.send('codecs', partition, [100, 20, 300], codec)
      }
    }
    expect(await relay.producer.flush(20_000)).toBe(true)
    const found = await stored(cluster, 'codecs')
    expect(found.get(0)).toHaveLength(900)
    expect(found).toEqual(relay.expected)
  })

  it('loses and repeats nothing when its connections are cut while batches are in flight', async () => {
    relay = new Relay(cluster.bootstrapServers)
    await relay.createTopic('cut', 4)
    const proxy = proxies.of(1)
    for (let round = 0; round < 40; round++) {
      const cuts = proxy.cuts
      if (round % 2 === 0) proxy.cutAfter(round * 11, 'to-client')
      else proxy.cutAfter(20_000 + round * 1_111, 'to-broker')
      for (let burst = 0; proxy.cuts === cuts; burst++) {
        for (const partition of [0, 1, 2, 3]) await relay.send('cut', partition, [9_000, 50, 60])
        if (burst % 3 === 0) await relay.send('cut', burst % 4, [30])
        if (relay.producer.outstandingBatches > 100) await relay.producer.flush(200)
      }
    }
    expect(await relay.producer.flush(20_000)).toBe(true)
    expect(proxy.cuts).toBe(40)
    expect(await stored(cluster, 'cut')).toEqual(relay.expected)
  }, 60_000)

  it('splits what the topic is too small for, and leaves out only the record that never fits', async () => {
    relay = new Relay(cluster.bootstrapServers)
    await relay.createTopic('narrow', 1, { 'max.message.bytes': '2000' })
    for (const codec of [0, 1, 3]) {
      await relay.send('narrow', 0, [900, 900, 900, 900, 900], codec)
      for (let index = 0; index < 30; index++) await relay.send('narrow', 0, [150])
    }
    await relay.send('narrow', 0, [100, 5_000, 100])
    await relay.send('narrow', 0, [100])
    expect(await relay.producer.flush(20_000)).toBe(true)
    expect(relay.refused.map((value) => value.length)).toEqual([5_000])
    expect(await stored(cluster, 'narrow')).toEqual(relay.expected)
  })

  it('splits batches that the broker stores uncompressed', async () => {
    relay = new Relay(cluster.bootstrapServers)
    await relay.createTopic('inflating', 1, { 'max.message.bytes': '2000', 'compression.type': 'uncompressed' })
    for (let index = 0; index < 5; index++) await relay.send('inflating', 0, [900, 900, 900, 900, 900], 1)
    expect(await relay.producer.flush(20_000)).toBe(true)
    expect(await stored(cluster, 'inflating')).toEqual(relay.expected)
  })

  it('stops only the partition whose topic does not take the records', async () => {
    relay = new Relay(cluster.bootstrapServers)
    await relay.createTopic('compacted', 1, { 'cleanup.policy': 'compact' })
    await relay.createTopic('plain', 1)
    const batch = await encodeBatch([{ timestamp: 1n, key: null, value: Buffer.from('v') }])
    relay.producer.send('compacted', 0, { records: batch, recordCount: 1, settled: () => undefined })
    await relay.send('plain', 0, [10])
    await waitUntil('the plain topic has its record', () => relay.expected.get(0)?.length === 1)
    await waitUntil('the compacted one is blocked', () => relay.states.length === 1)
    expect(relay.states[0]).toMatch(/^blocked 0: B: compacted-0: .*INVALID_RECORD \(87\).*record 0 of the batch/)
  })
})
