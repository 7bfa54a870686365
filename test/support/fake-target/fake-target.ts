/**
 * A target cluster in memory, for the producer's unit tests: real request and response bytes, brokers' rules for batches,
 * answers after a delay on the test's clock, partitions answered in another order than asked, and faults on demand.
 */
import { MirrorError } from '../../../src/base/errors.ts'
import { type Clock } from '../../../src/base/clock.ts'
import { type Cluster, type PartitionLeader, type RequestTarget } from '../../../src/client/cluster.ts'
import { type Connection } from '../../../src/net/connection.ts'
import { type ApiMessage } from '../../../src/wire/api-message.ts'
import { type ProducePartitionResponse } from '../../../src/wire/api/00-produce.ts'
import { fetch } from '../../../src/wire/api/01-fetch.ts'
import { listOffsets } from '../../../src/wire/api/02-list-offsets.ts'
import { initProducerId } from '../../../src/wire/api/22-init-producer-id.ts'
import { describeConfigs } from '../../../src/wire/api/32-describe-configs.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { Reader } from '../../../src/wire/reader.ts'
import { batchBaseSequence, batchProducerId } from '../../../src/wire/record-batch.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { brokerProduce } from '../scripted-broker/00-produce.ts'
import { brokerFetch } from '../scripted-broker/01-fetch.ts'
import { brokerListOffsets } from '../scripted-broker/02-list-offsets.ts'
import { brokerInitProducerId } from '../scripted-broker/22-init-producer-id.ts'
import { FakeConnection } from './fake-connection.ts'
import { PartitionLog } from './partition-log.ts'

/** What a broker does with one batch instead of appending it. */
export interface BatchFault {
  readonly errorCode: number
  /** Appended all the same, as with REQUEST_TIMED_OUT. */
  readonly stored?: boolean
  readonly recordErrors?: ProducePartitionResponse['recordErrors']
}

/**
 * What happens to a request: the connection is cut `cut-before` it is read, or `cut-after` it is obeyed; or it falls
 * `silent`: this and later requests are obeyed, no answer gets through, and the connection ends a while later; or the
 * broker obeys it and ends in a `crash`, to come back without any knowledge of producers.
 */
export type RequestFault = 'cut-before' | 'cut-after' | 'silent' | 'crash' | null

export interface SeenBatch {
  readonly requestId: number
  readonly nodeId: number
  /** `topic-partition`. */
  readonly key: string
  readonly producerId: bigint
  readonly sequence: number
  readonly bytes: Buffer
}

export class FakeTarget implements Cluster {
  readonly alias = 'B'
  readonly clusterId = 'fake'
  readonly brokers = []
  isReachable = true
  readonly partitions = new Map<string, PartitionLog>()
  /** Every batch of every request, in order of arrival. */
  readonly seen: SeenBatch[] = []
  /** Rules of the protocol that the producer broke. */
  readonly violations: string[] = []
  answerDelayMs = 1
  throttleTimeMs = 0
  produceVersion: number | null = 9
  tellsConfigs = true
  /** Of every partition that is read. */
  readError = 0
  initProducerIdErrors: number[] = []
  unreachable = new Map<number, MirrorError>()
  connectionsOpened = 0
  refreshes = 0
  batchFault: (batch: SeenBatch) => BatchFault | null = () => null
  requestFault: () => RequestFault = () => null
  readonly #clock: Clock
  readonly #known = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #connections = new Set<FakeConnection>()
  readonly #silent = new Set<FakeConnection>()
  #nextProducerId = 1000n
  #requestId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  addPartition(key: string, leader = 1): PartitionLog {
    const log = new PartitionLog(leader)
    this.partitions.set(key, log)
    this.#known.set(key, leader)
    return log
  }

  /** The brokers agree on another leader; clients learn of it at their next refresh. */
  moveLeader(key: string, leader: number): void {
    const log = this.partitions.get(key)
    if (log !== undefined) log.leader = leader
  }

  cutConnections(): void {
    for (const connection of this.#connections) connection.close()
  }

  topic(): undefined {
    return undefined
  }

  leader(topic: string, partition: number): PartitionLeader | undefined {
    const nodeId = this.#known.get(`${topic}-${partition}`)
    return nodeId === undefined || nodeId < 0 ? undefined : { nodeId, epoch: 0, topicId: null }
  }

  follow(): void {
    return
  }

  unfollow(): void {
    return
  }

  refreshSoon(): void {
    this.refreshes += 1
    this.#clock.schedule(5, () => {
      let changed = false
      for (const [key, log] of this.partitions) {
        if (this.#known.get(key) === log.leader) continue
        this.#known.set(key, log.leader)
        changed = true
      }
      if (changed) for (const listener of this.#listeners) listener()
    })
  }

  async refreshed(): Promise<void> {
    await Promise.resolve()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async describeTopics(): Promise<[]> {
    return await Promise.resolve([])
  }

  async request<Request, Response>(
    target: RequestTarget,
    api: ApiMessage<Request, Response>,
    request: Request
  ): Promise<Response> {
    const nodeId = 'node' in target ? target.node : -1
    const unreachable = this.unreachable.get(nodeId)
    if (unreachable !== undefined) throw unreachable
    return await new FakeConnection(nodeId, Math.max(api.minVersion, 1), async (key, version, body) => {
      await this.#delay()
      if (key === fetch.key) return this.#answerFetch(nodeId, version, body)
      if (key === listOffsets.key) return this.#answerListOffsets(nodeId, version, body)
      if (key === initProducerId.key) return this.#answerInitProducerId(version)
      if (key === describeConfigs.key) return this.#answerDescribeConfigs(body)
      throw new Error(`the fake target does not know API ${key}`)
    }).request(api, request)
  }

  async dataConnection(nodeId: number): Promise<Connection> {
    await this.#delay()
    const error = this.unreachable.get(nodeId)
    if (error !== undefined) throw error
    this.connectionsOpened += 1
    const connection: FakeConnection = new FakeConnection(nodeId, this.produceVersion, async (_key, version, body) => {
      return await this.#answerProduce(connection, version, body)
    })
    this.#connections.add(connection)
    return connection
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }

  async #answerProduce(connection: FakeConnection, version: number, body: Buffer): Promise<Buffer | null> {
    const nodeId = connection.port
    this.#requestId += 1
    const requestId = this.#requestId
    const flexible = version >= brokerProduce.flexibleFrom
    const request = brokerProduce.decodeRequest(new Reader(body, flexible), version)
    await this.#delay()
    const fault = this.requestFault()
    const keys = new Set<string>()
    const topics = []
    for (const { name, partitions } of fault === 'cut-before' ? [] : request.topics) {
      const answers: ProducePartitionResponse[] = []
      for (const { partition, records } of partitions) {
        const key = `${name}-${partition}`
        if (keys.has(key)) this.violations.push(`${key} twice in request ${requestId}`)
        keys.add(key)
        const [producerId, sequence] = [batchProducerId(records, 0), batchBaseSequence(records, 0)]
        const batch = { requestId, nodeId, key, producerId, sequence, bytes: Buffer.from(records) }
        this.seen.push(batch)
        answers.push(await this.#answerBatch(batch, partition))
      }
      topics.push({ name, partitions: answers.reverse() })
    }
    if (fault === 'crash') this.#crash(nodeId)
    if (fault === 'silent') {
      this.#silent.add(connection)
      this.#clock.schedule(20 * this.answerDelayMs, () => {
        connection.close()
      })
    } else if (fault !== null) connection.close()
    if (fault !== null || this.#silent.has(connection)) return null
    const response = { throttleTimeMs: this.throttleTimeMs, topics: topics.reverse(), nodeEndpoints: [] }
    const writer = new Writer(flexible)
    brokerProduce.encodeResponse(writer, response, version)
    return writer.toBuffer()
  }

  #crash(nodeId: number): void {
    for (const connection of this.#connections) if (connection.port === nodeId) connection.close()
    for (const log of this.partitions.values()) if (log.leader === nodeId) log.forgetProducers()
  }

  async #answerBatch(batch: SeenBatch, partition: number): Promise<ProducePartitionResponse> {
    const log = this.partitions.get(batch.key)
    const fault = this.batchFault(batch)
    let { errorCode, baseOffset } =
      log === undefined || log.leader !== batch.nodeId || (fault !== null && fault.stored !== true)
        ? { errorCode: brokerErrors.NOT_LEADER_OR_FOLLOWER as number, baseOffset: -1n }
        : await log.append(batch.bytes)
    if (fault !== null) [errorCode, baseOffset] = [fault.errorCode, -1n]
    return {
      partition,
      errorCode,
      baseOffset,
      logAppendTimeMs: -1n,
      logStartOffset: 0n,
      recordErrors: fault?.recordErrors ?? [],
      errorMessage: null,
      currentLeader: null
    }
  }

  #answerListOffsets(nodeId: number, version: number, body: Buffer): Buffer {
    const { topics } = brokerListOffsets.decodeRequest(new Reader(body), version)
    const answers = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition }) => {
        const { log, errorCode } = this.#logAt(nodeId, `${name}-${partition}`)
        return { partition, errorCode, offset: BigInt(log?.values.length ?? -1), timestamp: -1n, leaderEpoch: 0 }
      })
    }))
    const writer = new Writer()
    brokerListOffsets.encodeResponse(writer, { throttleTimeMs: 0, topics: answers }, version)
    return writer.toBuffer()
  }

  #answerFetch(nodeId: number, version: number, body: Buffer): Buffer {
    const { topics } = brokerFetch.decodeRequest(new Reader(body), version)
    const answers = topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partition, fetchOffset }) => {
        const { log, errorCode } = this.#logAt(nodeId, `${name}-${partition}`)
        const code = errorCode === 0 ? this.readError : errorCode
        const end = BigInt(log?.values.length ?? -1)
        return {
          ...{ partition, errorCode: code, highWatermark: end, lastStableOffset: end, logStartOffset: 0n },
          ...{ abortedTransactions: [], preferredReadReplica: -1, divergingEpoch: null, currentLeader: null },
          records: code === 0 && log !== undefined ? log.read(fetchOffset) : Buffer.alloc(0)
        }
      })
    }))
    const response = { throttleTimeMs: 0, errorCode: 0, sessionId: 0, topics: answers, nodeEndpoints: [] }
    const writer = new Writer()
    brokerFetch.encodeResponse(writer, response, version)
    return writer.toBuffer()
  }

  #logAt(nodeId: number, key: string): { readonly log: PartitionLog | undefined; readonly errorCode: number } {
    const log = this.partitions.get(key)
    return { log, errorCode: log?.leader === nodeId ? 0 : brokerErrors.NOT_LEADER_OR_FOLLOWER }
  }

  #answerInitProducerId(version: number): Buffer {
    const errorCode = this.initProducerIdErrors.shift() ?? 0
    const producerId = errorCode === 0 ? this.#nextProducerId++ : -1n
    const writer = new Writer()
    brokerInitProducerId.encodeResponse(writer, { throttleTimeMs: 0, errorCode, producerId, producerEpoch: 0 }, version)
    return writer.toBuffer()
  }

  /** DescribeConfigs v1 for one topic and `max.message.bytes`. */
  #answerDescribeConfigs(body: Buffer): Buffer {
    const reader = new Reader(body)
    const [name = ''] = reader.array(() => (reader.int8(), reader.string()))
    const bytes = this.partitions.get(`${name}-0`)?.maxMessageBytes ?? 0
    const writer = new Writer().int32(0).arrayLength(1)
    const errorCode = this.tellsConfigs ? 0 : brokerErrors.TOPIC_AUTHORIZATION_FAILED
    writer.int16(errorCode).nullableString(null).int8(2).string(name)
    if (!this.tellsConfigs) return writer.arrayLength(0).toBuffer()
    writer.arrayLength(1).string('max.message.bytes').nullableString(String(bytes)).bool(false).int8(1).bool(false)
    return writer.arrayLength(0).toBuffer()
  }

  async #delay(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#clock.schedule(this.answerDelayMs, resolve)
    })
  }
}

export const networkError = new MirrorError('MIRROR_NETWORK', 'connection refused', { retriable: true })
