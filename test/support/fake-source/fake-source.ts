/**
 * A source cluster in memory, for unit tests of what fetches: real request and response bytes, fetch sessions, long polls
 * on the test's clock, metadata that is as old as the last refresh, and faults on demand.
 */
import { type CancelTimer, type Clock } from '../../../src/base/clock.ts'
import { MirrorError } from '../../../src/base/errors.ts'
import {
  type Cluster,
  type PartitionLeader,
  type RequestTarget,
  type TopicMetadata
} from '../../../src/client/cluster.ts'
import { type Connection, type FrameMemory, type RetainedResponse } from '../../../src/net/connection.ts'
import { type FetchPartitionResponse, type FetchRequest, type FetchResponse } from '../../../src/wire/api/01-fetch.ts'
import { type ApiMessage } from '../../../src/wire/api-message.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { FakeConnection } from '../fake-target/fake-connection.ts'
import { brokerFetch } from '../scripted-broker/01-fetch.ts'
import { brokerListOffsets } from '../scripted-broker/02-list-offsets.ts'
import { type AskedPartition, SessionTable } from './session-table.ts'
import { newTopicId, SourceLog } from './source-log.ts'

const listOffsetsVersion = 7
const refreshMs = 5

export interface SeenFetch extends FetchRequest {
  readonly nodeId: number
  readonly atMs: number
}

export class FakeSource implements Cluster {
  readonly alias = 'A'
  readonly clusterId = 'fake'
  readonly brokers = []
  readonly isReachable = true
  readonly logs = new Map<string, SourceLog>()
  readonly sessions = new SessionTable()
  readonly fetches: SeenFetch[] = []
  fetchVersion: number
  answerDelayMs = 1
  /** Taken by the next fetches, of any broker: of the whole answer. */
  fetchErrors: number[] = []
  throttles: number[] = []
  listOffsetsError = 0
  readonly down = new Set<number>()
  /** Connections are not opened, and not refused either. */
  isHanging = false
  retained = 0
  refreshes = 0
  readonly #clock: Clock
  readonly #known = new Map<string, PartitionLeader>()
  readonly #listeners = new Set<() => void>()
  readonly #connections = new Map<number, FakeConnection>()
  readonly #polls = new Set<() => void>()
  #isClosed = false

  constructor(clock: Clock, fetchVersion = 13) {
    this.#clock = clock
    this.fetchVersion = fetchVersion
  }

  /** Leader -1: not led yet. Metadata has topic ids also from brokers that fetch by name still (2.8 to 3.0: version 12). */
  add(key: string, leader = 1): SourceLog {
    const id = key.slice(0, key.lastIndexOf('-'))
    const sibling = [...this.logs].find(([other]) => other.startsWith(`${id}-`))?.[1]
    const log = new SourceLog(leader, this.fetchVersion > 11 ? (sibling?.topicId ?? newTopicId()) : null)
    this.logs.set(key, log)
    return log
  }

  log(key: string): SourceLog {
    const log = this.logs.get(key)
    if (log === undefined) throw new Error(`the fake source has no ${key}`)
    return log
  }

  async append(key: string, values: readonly string[], codec = 0): Promise<void> {
    await this.log(key).append(values, codec)
    this.wake()
  }

  /** Something happened that fetches wait for. */
  wake(): void {
    for (const poll of [...this.#polls]) poll()
  }

  cutConnections(nodeId?: number): void {
    for (const [of, connection] of this.#connections) if (nodeId === undefined || of === nodeId) connection.close()
  }

  /** Ends a broker: nobody can connect to it until it is taken out of `down`. */
  kill(nodeId: number): void {
    this.down.add(nodeId)
    this.cutConnections(nodeId)
  }

  topic(name: string): TopicMetadata | undefined {
    const isKnown = [...this.#known.keys()].some((key) => key.startsWith(`${name}-`))
    return isKnown ? { name, errorCode: 0, topicId: null, isInternal: false, partitions: [] } : undefined
  }

  leader(topic: string, partition: number): PartitionLeader | undefined {
    const known = this.#known.get(`${topic}-${partition}`)
    return known === undefined || known.nodeId < 0 ? undefined : known
  }

  follow(): void {
    return
  }

  unfollow(): void {
    return
  }

  refreshSoon(): void {
    void this.refreshed()
  }

  async refreshed(): Promise<void> {
    if (this.#isClosed) return
    this.refreshes += 1
    await this.#sleep(refreshMs)
    let changed = false
    for (const [key, { leader, epoch, topicId }] of this.logs) {
      const known = this.#known.get(key)
      if (known?.nodeId === leader && known.epoch === epoch && known.topicId === topicId) continue
      this.#known.set(key, { nodeId: leader, epoch, topicId })
      changed = true
    }
    if (changed) for (const listener of [...this.#listeners]) listener()
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
    await this.#sleep(this.answerDelayMs)
    if (this.down.has(nodeId)) throw new MirrorError('MIRROR_NETWORK', 'refused', { retriable: true })
    const answer = (_key: number, _version: number, body: Buffer): Promise<Buffer> =>
      Promise.resolve(this.#listOffsets(nodeId, body))
    return await new FakeConnection(0, listOffsetsVersion, answer).request(api, request)
  }

  async dataConnection(nodeId: number): Promise<Connection> {
    await this.#sleep(this.answerDelayMs)
    if (this.isHanging) await new Promise(() => undefined)
    if (this.down.has(nodeId) || this.#isClosed) {
      throw new MirrorError('MIRROR_NETWORK', 'refused', { retriable: true })
    }
    const connection: FakeConnection = new CountingConnection(this, nodeId, async (_key, version, body) => {
      const answer = await this.#fetch(nodeId, connection, brokerFetch.decodeRequest(readerOf(body, version), version))
      const writer = new Writer(version >= brokerFetch.flexibleFrom)
      brokerFetch.encodeResponse(writer, answer, version)
      return writer.toBuffer()
    })
    this.#connections.set(nodeId, connection)
    return connection
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.cutConnections()
    await Promise.resolve()
  }

  async #fetch(nodeId: number, connection: Connection, request: FetchRequest): Promise<FetchResponse> {
    this.fetches.push({ ...request, nodeId, atMs: this.#clock.monotonic() })
    await this.#sleep(this.answerDelayMs)
    const errorCode = this.fetchErrors.shift() ?? 0
    const session = errorCode === 0 ? this.sessions.of(request) : errorCode
    const answer = { throttleTimeMs: 0, errorCode: 0, sessionId: 0, topics: [], nodeEndpoints: [] }
    if (typeof session === 'number') return { ...answer, errorCode: session }
    const throttleTimeMs = this.throttles.shift() ?? 0
    if (throttleTimeMs > 0) return { ...answer, sessionId: session.id, throttleTimeMs }
    const deadlineMs = this.#clock.monotonic() + request.maxWaitMs
    for (;;) {
      const topics = [...session.partitions.values()].flatMap((one) => {
        const partition = this.#fetchPartition(one, nodeId, request.rackId)
        return partition === null ? [] : [{ name: one.name, topicId: one.topicId, partitions: [partition] }]
      })
      const leftMs = deadlineMs - this.#clock.monotonic()
      if (topics.length > 0 || leftMs <= 0 || connection.closed) return { ...answer, sessionId: session.id, topics }
      await this.#poll(leftMs)
    }
  }

  #fetchPartition({ name, topicId, asked }: AskedPartition, nodeId: number, rackId: string) {
    const found = [...this.logs].find(([key, log]) =>
      topicId === null
        ? key === `${name}-${asked.partition}`
        : log.topicId?.equals(topicId) === true && key.endsWith(`-${asked.partition}`)
    )
    return found?.[1].fetch(asked, nodeId, rackId) ?? (found === undefined ? unknown(asked.partition, topicId) : null)
  }

  #listOffsets(nodeId: number, body: Buffer): Buffer {
    const request = brokerListOffsets.decodeRequest(readerOf(body, listOffsetsVersion, 6), listOffsetsVersion)
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, timestamp, currentLeaderEpoch }) => {
        const log = this.logs.get(`${name}-${partition}`)
        let errorCode: number = this.listOffsetsError
        if (errorCode === 0) {
          if (log === undefined) errorCode = brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
          else
            errorCode = log.leader === nodeId ? log.checkEpoch(currentLeaderEpoch) : brokerErrors.NOT_LEADER_OR_FOLLOWER
        }
        const offset = log === undefined || errorCode !== 0 ? -1n : timestamp === -2n ? log.start : log.end
        return { partition, errorCode, timestamp: -1n, offset, leaderEpoch: log?.epoch ?? -1 }
      })
    }))
    const writer = new Writer(true)
    brokerListOffsets.encodeResponse(writer, { throttleTimeMs: 0, topics }, listOffsetsVersion)
    return writer.toBuffer()
  }

  async #poll(forMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      let cancel: CancelTimer | undefined = undefined
      const wake = (): void => {
        this.#polls.delete(wake)
        cancel?.()
        resolve()
      }
      cancel = this.#clock.schedule(forMs, wake)
      this.#polls.add(wake)
    })
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#clock.schedule(ms, resolve)
    })
  }
}

/** Counts who still reads from its answers. */
class CountingConnection extends FakeConnection {
  readonly #source: FakeSource

  constructor(source: FakeSource, nodeId: number, answer: ConstructorParameters<typeof FakeConnection>[2]) {
    super(nodeId, source.fetchVersion, answer)
    this.#source = source
  }

  override async requestRetained<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request
  ): Promise<RetainedResponse<Response>> {
    const response = await this.request(api, request)
    const source = this.#source
    let references = 1
    source.retained += 1
    const memory: FrameMemory = {
      retain() {
        if (references === 0) throw new Error('memory retained after its last release')
        references += 1
        source.retained += 1
      },
      release() {
        if (references === 0) throw new Error('memory released more often than retained')
        references -= 1
        source.retained -= 1
      }
    }
    return { response, memory }
  }
}

function readerOf(body: Buffer, version: number, flexibleFrom = brokerFetch.flexibleFrom): Reader {
  return new Reader(body, version >= flexibleFrom)
}

function unknown(partition: number, topicId: Buffer | null): FetchPartitionResponse {
  const errorCode = topicId === null ? brokerErrors.UNKNOWN_TOPIC_OR_PARTITION : brokerErrors.UNKNOWN_TOPIC_ID
  const log = new SourceLog(0, null)
  log.errors.push(errorCode)
  const asked = { partition, fetchOffset: 0n, maxBytes: 0, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
  const answer = log.fetch(asked, 0, '')
  if (answer === null) throw new Error('an error is an answer')
  return answer
}
