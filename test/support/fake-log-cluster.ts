/**
 * Topics in memory, for what reads and writes internal topics: one broker that answers Fetch (waiting as brokers do),
 * ListOffsets and DescribeConfigs in real bytes, that can go away, and a producer that writes to it.
 */
import { deferred } from '../../src/base/deferred.ts'
import { MirrorError } from '../../src/base/errors.ts'
import { type Cluster, type PartitionLeader, type TopicMetadata } from '../../src/client/cluster.ts'
import { type OutgoingBatch, type RawProducer } from '../../src/client/raw-producer.ts'
import { type Connection } from '../../src/net/connection.ts'
import { type ApiMessage } from '../../src/wire/api-message.ts'
import { type FetchPartition, type FetchRequest, fetch } from '../../src/wire/api/01-fetch.ts'
import { listOffsets } from '../../src/wire/api/02-list-offsets.ts'
import { describeConfigs } from '../../src/wire/api/32-describe-configs.ts'
import { Reader } from '../../src/wire/reader.ts'
import { decodeBatch, encodeBatch } from '../../src/wire/record.ts'
import { Writer } from '../../src/wire/writer.ts'
import { FakeConnection } from './fake-target/fake-connection.ts'
import { brokerFetch } from './scripted-broker/01-fetch.ts'
import { brokerListOffsets } from './scripted-broker/02-list-offsets.ts'
import { type BrokerApi } from './scripted-broker/broker-api.ts'

export interface FakeRecord {
  readonly key: string | null
  readonly value: string | null
}

interface Entry {
  readonly offset: bigint
  /** Null: a transaction marker. */
  readonly record: FakeRecord | null
}

export class FakeLogCluster implements Cluster {
  readonly alias = 'B'
  readonly clusterId = 'fake'
  readonly brokers = []
  isReachable = true
  fetches = 0
  readonly #topics = new Map<string, Entry[][]>()
  readonly #listeners = new Set<() => void>()
  #appended = deferred<undefined>()
  #held: Promise<unknown> = Promise.resolve()
  readonly #data = new Map<string, FakeConnection>()

  create(topic: string, partitions: number): void {
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, () => [])
    )
  }

  append(topic: string, partition: number, ...records: (FakeRecord | null)[]): void {
    const log = this.#log(topic, partition)
    for (const record of records) log.push({ offset: BigInt(log.length), record })
    this.#appended.resolve(undefined)
    this.#appended = deferred()
  }

  /** Markers left out. */
  records(topic: string): FakeRecord[] {
    const entries = (this.#topics.get(topic) ?? []).flat()
    return entries.flatMap(({ record }) => (record === null ? [] : [record]))
  }

  partitionOf(topic: string, key: string): number {
    const logs = this.#topics.get(topic) ?? []
    return logs.findIndex((log) => log.some(({ record }) => record?.key === key))
  }

  /** News come late: fetches are answered when the function that it returns has been called. */
  holdFetches(): () => void {
    const held = deferred<undefined>()
    this.#held = held.promise
    return () => {
      held.resolve(undefined)
    }
  }

  goAway(): void {
    this.isReachable = false
    for (const connection of this.#data.values()) connection.close()
    this.#appended.resolve(undefined)
    this.#appended = deferred()
  }

  comeBack(): void {
    this.isReachable = true
    for (const listener of this.#listeners) listener()
  }

  topic(name: string): TopicMetadata | undefined {
    const logs = this.#topics.get(name)
    if (logs === undefined) return undefined
    const partitions = logs.map((_, partition) => ({ partition, errorCode: 0, leader: 1, leaderEpoch: 0 }))
    return { name, errorCode: 0, topicId: null, isInternal: false, partitions }
  }

  leader(topic: string, partition: number): PartitionLeader | undefined {
    const isKnown = this.isReachable && this.#topics.get(topic)?.[partition] !== undefined
    return isKnown ? { nodeId: 1, epoch: 0, topicId: null } : undefined
  }

  follow(): void {
    return
  }

  unfollow(): void {
    return
  }

  refreshSoon(): void {
    return
  }

  async refreshed(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async describeTopics(topics: readonly string[] | 'all'): Promise<TopicMetadata[]> {
    const missing = { errorCode: 3, topicId: null, isInternal: false, partitions: [] }
    const names = topics === 'all' ? [...this.#topics.keys()] : topics
    return await Promise.resolve(names.map((name) => this.topic(name) ?? { ...missing, name }))
  }

  async request<Request, Response>(
    _target: unknown,
    api: ApiMessage<Request, Response>,
    request: Request
  ): Promise<Response> {
    if (!this.isReachable) throw new MirrorError('MIRROR_NETWORK', 'the broker is away', { retriable: true })
    return await this.#connection(api.minVersion).request(api, request)
  }

  async dataConnection(_nodeId: number, purpose: string): Promise<Connection> {
    if (!this.isReachable) throw new MirrorError('MIRROR_NETWORK', 'the broker is away', { retriable: true })
    const open = this.#data.get(purpose)
    if (open?.closed === false) return open
    const connection = this.#connection(fetch.minVersion)
    this.#data.set(purpose, connection)
    return await Promise.resolve(connection)
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }

  /** Acknowledges at once. What it is given while the broker is away goes out when that is back, unless it is closed first. */
  producer(): RawProducer {
    let isClosed = false
    const send = async (topic: string, partition: number, batch: OutgoingBatch): Promise<void> => {
      const records = await decodeBatch(batch.records)
      if (isClosed) return
      if (!this.isReachable) {
        const stopWaiting = this.onChange(() => {
          stopWaiting()
          void send(topic, partition, batch)
        })
        return
      }
      const baseOffset = BigInt(this.#log(topic, partition).length)
      const text = (bytes: Buffer | null): string | null => bytes?.toString() ?? null
      this.append(topic, partition, ...records.map(({ key, value }) => ({ key: text(key), value: text(value) })))
      batch.settled([{ firstIndex: 0, count: batch.recordCount, baseOffset }], [])
    }
    return {
      outstandingBatches: 0,
      send: (topic, partition, batch) => void send(topic, partition, batch),
      flush: async () => await Promise.resolve(true),
      close: async () => {
        isClosed = true
        await Promise.resolve()
      }
    }
  }

  #log(topic: string, partition: number): Entry[] {
    const log = this.#topics.get(topic)?.[partition]
    if (log === undefined) throw new Error(`no ${topic}-${partition}`)
    return log
  }

  #connection(version: number): FakeConnection {
    return new FakeConnection(1, version, async (key, _, body) => {
      const reader = new Reader(body, false)
      if (key === fetch.key) return await this.#fetch(brokerFetch.decodeRequest(reader, version))
      // Nobody may read configs here: throttle time, no resources.
      if (key === describeConfigs.key) return new Writer(false).int32(0).arrayLength(0).toBuffer()
      if (key !== listOffsets.key) throw new Error(`API ${key} is not answered`)
      const { topics } = brokerListOffsets.decodeRequest(reader, version)
      const answers = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partition }) => ({
          ...{ partition, errorCode: 0, timestamp: -1n, leaderEpoch: 0 },
          offset: BigInt(this.#log(name, partition).length)
        }))
      }))
      return encoded(brokerListOffsets, { throttleTimeMs: 0, topics: answers }, version)
    })
  }

  async #fetch({ topics, maxWaitMs }: FetchRequest): Promise<Buffer | null> {
    this.fetches += 1
    const isNews = (): boolean =>
      topics.some(({ name, partitions }) =>
        partitions.some(({ partition, fetchOffset }) => this.#log(name, partition).length > fetchOffset)
      )
    while (maxWaitMs > 0 && !isNews() && this.isReachable) await this.#appended.promise
    await this.#held
    if (!this.isReachable) return null
    const answers = topics.map(async ({ name, partitions }) => ({
      ...{ name, topicId: null },
      partitions: await Promise.all(partitions.map(async (one) => await this.#fetchPartition(name, one)))
    }))
    const response = { throttleTimeMs: 0, errorCode: 0, sessionId: 0, nodeEndpoints: [] }
    return encoded(brokerFetch, { ...response, topics: await Promise.all(answers) }, fetch.minVersion)
  }

  async #fetchPartition(topic: string, { partition, fetchOffset }: FetchPartition) {
    const log = this.#log(topic, partition)
    const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))
    const batches = log.slice(Number(fetchOffset)).map(async ({ offset, record }) => {
      const { key, value } = record ?? { key: null, value: null }
      const batch = await encodeBatch([{ offset, timestamp: 0n, key: bytes(key), value: bytes(value) }])
      return record === null ? asMarker(batch) : batch
    })
    return {
      ...{ partition, errorCode: 0, logStartOffset: 0n, divergingEpoch: null, currentLeader: null },
      ...{ abortedTransactions: [], preferredReadReplica: -1 },
      highWatermark: BigInt(log.length),
      lastStableOffset: BigInt(log.length),
      records: Buffer.concat(await Promise.all(batches))
    }
  }
}

const attributesAt = 21
const controlFlag = 0x20

/** As a transaction's end is marked: moves positions, is no data. */
function asMarker(batch: Buffer): Buffer {
  batch.writeInt16BE(batch.readInt16BE(attributesAt) | controlFlag, attributesAt)
  return batch
}

function encoded<Request, Response>(api: BrokerApi<Request, Response>, response: Response, version: number): Buffer {
  const writer = new Writer(version >= api.flexibleFrom)
  api.encodeResponse(writer, response, version)
  return writer.toBuffer()
}
