import { type Clock, sleep } from '../base/clock.ts'
import { type Deferred, deferred } from '../base/deferred.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { type Connection, type ConnectionKind, type OpenConnection, type RequestOptions } from '../net/connection.ts'
import { metadata as metadataApi } from '../wire/api/03-metadata.ts'
import { type ApiMessage } from '../wire/api-message.ts'
import { brokerError, brokerErrors, coordinatorMoved } from '../wire/error-codes.ts'
import { BrokerConnections } from './broker-connections.ts'
import { BrokerRouter, asConnectionError } from './broker-router.ts'
import { CallRetry } from './call-retry.ts'
import { type Broker, type Cluster, type PartitionLeader, type RequestTarget, type TopicMetadata } from './cluster.ts'
import { type CallLimits, withinLimits } from './deadline.ts'
import { GroupCoordinators } from './group-coordinators.ts'
import { type MetadataSharing } from './metadata-sharing.ts'
import { MetadataRefresher } from './metadata-refresher.ts'
import { type MetadataAnswer, MetadataState } from './metadata-state.ts'
import { Reachability } from './reachability.ts'
import { findErrorCode, throttleTimeOf } from './response-errors.ts'
import { topicMetadata } from './topic-metadata.ts'

export interface ClusterOptions {
  /** Name of the cluster in messages. */
  readonly alias: string
  readonly settings: ClientSettings
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Shared by clients of which one is to speak for all. Default: one of its own. */
  readonly reachability?: Reachability
  /** Shared by clients that follow the same topics. Default: each asks for itself. */
  readonly metadataSharing?: MetadataSharing
  /** Largest response taken on a data connection. Default 256 MB. */
  readonly maxDataFrameBytes?: number
}

export interface KafkaCluster extends Cluster {
  /** Resolves once any broker has answered with metadata: tried for ever. Rejects when closed or aborted. */
  ready(signal?: AbortSignal): Promise<void>
  /** The broker that coordinates a group, for requests about several groups; kept until a request to the group fails. */
  coordinatorOf(groupId: string): Promise<number>
}

/** Starts connecting in the background and returns at once; calls wait for a broker. */
export function connectCluster(options: ClusterOptions): KafkaCluster {
  return new WireCluster(options)
}

type ClusterRequestOptions = RequestOptions & { readonly deadlineMs?: number; readonly signal?: AbortSignal }

const defaultMaxDataFrameBytes = 256 * 1024 * 1024
const movedController: ReadonlySet<number> = new Set([brokerErrors.NOT_CONTROLLER])

class WireCluster implements KafkaCluster {
  readonly #options: ClusterOptions
  readonly #metadata = new MetadataState()
  readonly #connections: BrokerConnections
  readonly #reachability: Reachability
  readonly #router: BrokerRouter
  readonly #coordinators: GroupCoordinators
  readonly #refresher: MetadataRefresher
  /** Followed topics and how many follow each. */
  readonly #followed = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #closing = new AbortController()
  readonly #retry: CallRetry
  readonly #firstAnswer: Deferred<undefined> = deferred()
  #hasMetadata = false
  #isReachable = true
  /** clock.monotonic() until which a broker wants no request on a connection. */
  readonly #throttledUntilMs = new WeakMap<Connection, number>()

  constructor(options: ClusterOptions) {
    const { alias, settings, openConnection, clock, random, logger } = options
    this.#options = options
    const closedError = (): MirrorError => this.#closedError()
    this.#retry = new CallRetry({ settings, clock, random, closing: this.#closing.signal, closedError })
    const maxDataFrameBytes = options.maxDataFrameBytes ?? defaultMaxDataFrameBytes
    this.#connections = new BrokerConnections({ settings, openConnection, clock, random, logger, maxDataFrameBytes })
    this.#reachability = options.reachability ?? new Reachability(logger)
    this.#router = new BrokerRouter({
      alias,
      bootstrapServers: settings.bootstrapServers,
      connections: this.#connections,
      metadata: this.#metadata,
      onMissed: (addresses, cause) => {
        this.#isReachable = false
        if (!this.#closing.signal.aborted) this.#reachability.missed(this, alias, { addresses, cause })
      },
      clock,
      random
    })
    this.#coordinators = new GroupCoordinators(
      alias,
      async (api, request) => await this.#send(await this.#router.any(), api, request, {})
    )
    this.#refresher = new MetadataRefresher({ settings, clock, random, refresh: async () => await this.#refresh() })
    this.#firstAnswer.promise.catch(() => undefined)
    this.#refresher.refreshNow()
  }

  get alias(): string {
    return this.#options.alias
  }

  get clusterId(): string | null {
    return this.#metadata.clusterId
  }

  get isReachable(): boolean {
    return this.#isReachable
  }

  get brokers(): readonly Broker[] {
    return this.#metadata.brokers
  }

  topic(name: string): TopicMetadata | undefined {
    return this.#metadata.topic(name)
  }

  leader(topic: string, partition: number): PartitionLeader | undefined {
    return this.#metadata.leader(topic, partition)
  }

  follow(topic: string): void {
    const followers = this.#followed.get(topic) ?? 0
    this.#followed.set(topic, followers + 1)
    if (followers === 0) this.#refresher.refreshNow()
  }

  unfollow(topic: string): void {
    const followers = this.#followed.get(topic) ?? 0
    if (followers > 1) {
      this.#followed.set(topic, followers - 1)
      return
    }
    this.#followed.delete(topic)
    this.#metadata.forget(topic)
  }

  refreshSoon(): void {
    this.#refresher.refreshSoon()
  }

  async refreshed(): Promise<void> {
    await this.#refresher.refreshed()
    // Whoever loops until metadata tells something must not go round without ever waiting.
    this.#retry.checkOpen()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  async ready(signal?: AbortSignal): Promise<void> {
    await withinLimits(this.#firstAnswer.promise, this.#limits('Metadata', { signal, deadlineMs: Infinity }))
  }

  async describeTopics(topics: readonly string[] | 'all'): Promise<TopicMetadata[]> {
    const limits = this.#limits('Metadata', {})
    return [...(await this.#retry.run(limits, async () => await this.#askMetadata(topics === 'all' ? null : topics)))]
  }

  async coordinatorOf(groupId: string): Promise<number> {
    const limits = this.#limits('FindCoordinator', {})
    return await this.#retry.run(limits, async () => {
      try {
        return (await this.#coordinators.locate(groupId)).nodeId
      } catch (thrown) {
        this.#coordinators.forget(groupId)
        throw thrown
      }
    })
  }

  async request<Request, Response>(
    target: RequestTarget,
    api: ApiMessage<Request, Response>,
    request: Request,
    options: ClusterRequestOptions = {}
  ): Promise<Response> {
    const limits = this.#limits(api.name, options)
    return await this.#retry.run(limits, async () => {
      try {
        const connection = await this.#connectionTo(target)
        const response = await this.#send(connection, api, request, options)
        this.#checkNotMoved(target, response)
        return response
      } catch (thrown) {
        this.#reconsider(target)
        throw thrown
      }
    })
  }

  async dataConnection(nodeId: number, purpose: string, kind: ConnectionKind = 'data'): Promise<Connection> {
    try {
      return await this.#connections.connect(this.#router.addressOf(nodeId), `data/${purpose}`, kind)
    } catch (thrown) {
      this.refreshSoon()
      throw asConnectionError(thrown)
    }
  }

  close(): Promise<void> {
    this.#closing.abort()
    this.#reachability.closed(this, this.alias)
    this.#refresher.close()
    this.#connections.close()
    this.#listeners.clear()
    this.#firstAnswer.reject(this.#closedError())
    return Promise.resolve()
  }

  /** One attempt to learn of the followed topics. */
  async #refresh(): Promise<boolean> {
    const { metadataSharing, settings } = this.#options
    const topics = [...this.#followed.keys()]
    const request = (wanted: readonly string[]): Promise<MetadataAnswer> => this.#requestMetadata(wanted)
    try {
      const channel = metadataSharing?.channel(settings)
      this.#takeMetadata(await (channel === undefined ? request(topics) : channel.ask(topics, request)))
      return true
    } catch (thrown) {
      if (this.#closing.signal.aborted) return true
      const { message, code } = asConnectionError(thrown)
      this.#options.logger.debug({ cluster: this.alias, error: message, code }, 'Metadata refresh failed')
      return false
    }
  }

  async #askMetadata(topics: readonly string[] | null): Promise<readonly TopicMetadata[]> {
    const answer = await this.#requestMetadata(topics)
    this.#takeMetadata(answer)
    return answer.topics
  }

  async #requestMetadata(topics: readonly string[] | null): Promise<MetadataAnswer> {
    const connection = await this.#router.any()
    const response = await this.#send(connection, metadataApi, { topics }, {})
    if (response.brokers.length === 0) {
      throw new MirrorError('MIRROR_NETWORK', `${this.alias}: the broker is starting and knows no brokers yet`, {
        retriable: true
      })
    }
    const { clusterId, controllerId, brokers } = response
    const told = response.topics.map((topic) => topicMetadata(topic, this.#metadata.topic(topic.name)))
    return { brokers, clusterId, controllerId, topics: told }
  }

  #takeMetadata(answer: MetadataAnswer): void {
    const changed = this.#metadata.apply(answer, (name) => this.#followed.has(name))
    this.#hasMetadata = true
    this.#isReachable = true
    this.#reachability.reached(this, this.alias)
    this.#firstAnswer.resolve(undefined)
    if (changed) for (const listener of [...this.#listeners]) listener()
  }

  async #connectionTo(target: RequestTarget): Promise<Connection> {
    if ('any' in target) return await this.#router.any()
    if ('group' in target) return await this.#router.controlOf(await this.#coordinators.locate(target.group))
    if (!this.#hasMetadata) await this.#firstAnswer.promise
    const nodeId = 'node' in target ? target.node : this.#metadata.controllerId
    return await this.#router.controlOf(this.#router.addressOf(nodeId))
  }

  async #send<Request, Response>(
    connection: Connection,
    api: ApiMessage<Request, Response>,
    request: Request,
    options: RequestOptions
  ): Promise<Response> {
    const { clock } = this.#options
    const waitMs = (this.#throttledUntilMs.get(connection) ?? 0) - clock.monotonic()
    if (waitMs > 0) await sleep(clock, waitMs, this.#closing.signal)
    const response = await connection.request(api, request, options)
    const throttleMs = throttleTimeOf(response)
    if (throttleMs > 0) this.#throttledUntilMs.set(connection, clock.monotonic() + throttleMs)
    return response
  }

  #checkNotMoved(target: RequestTarget, response: unknown): void {
    const codes = 'group' in target ? coordinatorMoved : 'controller' in target ? movedController : null
    const code = codes === null ? 0 : findErrorCode(response, codes)
    if (code === 0) return
    const who = 'group' in target ? `coordinator of group ${target.group}` : 'controller'
    throw brokerError(code, `${this.alias}: the ${who}`)
  }

  /** After a failure: whoever was asked may no longer be the one to ask. */
  #reconsider(target: RequestTarget): void {
    if ('group' in target) this.#coordinators.forget(target.group)
    else if (!('any' in target)) this.refreshSoon()
  }

  #limits(api: string, options: { deadlineMs?: number; signal?: AbortSignal | undefined }): CallLimits {
    const { clock, settings } = this.#options
    const deadlineMs = options.deadlineMs ?? settings.requestTimeoutMs * 2
    const deadline = clock.monotonic() + deadlineMs
    return { clock, deadline, signal: options.signal, what: `${api} to cluster ${this.alias}` }
  }

  #closedError(): MirrorError {
    return new MirrorError('MIRROR_CLOSED', `The client of cluster ${this.alias} is closed`)
  }
}
