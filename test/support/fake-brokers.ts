/** Brokers without sockets: a cluster under test reaches them through an injected `openConnection`. */
import { MirrorError } from '../../src/base/errors.ts'
import { type Logger } from '../../src/base/logger.ts'
import { type ClientSettings } from '../../src/config/client-settings.ts'
import { type ConnectionOptions, type OpenConnection } from '../../src/net/connection.ts'
import { type FindCoordinatorResponse } from '../../src/wire/api/10-find-coordinator.ts'
import { type MetadataTopic } from '../../src/wire/api/03-metadata.ts'
import { Reader } from '../../src/wire/reader.ts'
import { Writer } from '../../src/wire/writer.ts'
import { FakeConnection } from './fake-target/fake-connection.ts'
import { brokerMetadata } from './scripted-broker/03-metadata.ts'
import { brokerFindCoordinator } from './scripted-broker/10-find-coordinator.ts'
import { type BrokerApi } from './scripted-broker/broker-api.ts'

/** Of every request: the oldest Metadata and the newest FindCoordinator that is spoken. */
const version = 4

export interface FakeBroker {
  readonly nodeId: number
  readonly port: number
  isUp: boolean
}

export class FakeBrokers {
  /** All that can be reached, whether or not metadata names them. */
  readonly brokers: FakeBroker[] = []
  /** What metadata names; by default all. */
  named: FakeBroker[] | null = null
  readonly topics = new Map<string, MetadataTopic>()
  /** Node id that coordinates every group. */
  coordinator = 1
  throttleTimeMs = 0
  /** Answers to other APIs than those two, by key. Null: none ever. */
  readonly answers = new Map<number, (broker: FakeBroker) => Buffer | null>()
  /** `nodeId/apiKey` of each request. */
  readonly requests: string[] = []
  /** Ports of all attempts to connect. */
  readonly attempts: number[] = []
  readonly connections: FakeConnection[] = []

  add(nodeId: number, port: number): FakeBroker {
    const broker = { nodeId, port, isUp: true }
    this.brokers.push(broker)
    return broker
  }

  addTopic(name: string, leaders: readonly number[], errorCode = 0): void {
    const partitions = leaders.map((leader, partition) => ({
      errorCode: leader < 0 ? 5 : 0,
      partition,
      leader,
      leaderEpoch: 0
    }))
    this.topics.set(name, { errorCode, name, topicId: null, isInternal: false, partitions })
  }

  count(request: string): number {
    return this.requests.filter((one) => one === request).length
  }

  readonly open: OpenConnection = async ({ port }: ConnectionOptions) => {
    this.attempts.push(port)
    const broker = this.brokers.find((one) => one.port === port)
    if (broker?.isUp !== true) {
      throw new MirrorError('MIRROR_NETWORK', `refused by port ${port}`, { retriable: true })
    }
    const connection = new FakeConnection(port, version, (key, _, body) => {
      this.requests.push(`${broker.nodeId}/${key}`)
      return Promise.resolve(this.#answer(broker, key, body))
    })
    this.connections.push(connection)
    return await Promise.resolve(connection)
  }

  #answer(broker: FakeBroker, key: number, body: Buffer): Buffer | null {
    if (key === brokerMetadata.key) return encoded(brokerMetadata, this.#metadata(body))
    if (key === brokerFindCoordinator.key) return encoded(brokerFindCoordinator, this.#coordinator())
    return this.answers.get(key)?.(broker) ?? null
  }

  #metadata(body: Buffer) {
    const wanted = brokerMetadata.decodeRequest(new Reader(body), version).topics ?? [...this.topics.keys()]
    const missing = { errorCode: 3, topicId: null, isInternal: false, partitions: [] }
    const named = this.named ?? this.brokers
    return {
      throttleTimeMs: this.throttleTimeMs,
      brokers: named.map(({ nodeId, port }) => ({ nodeId, host: 'fake', port, rack: null })),
      clusterId: 'fake-cluster',
      controllerId: named[0]?.nodeId ?? -1,
      topics: wanted.map((name) => this.topics.get(name) ?? { ...missing, name })
    }
  }

  #coordinator(): FindCoordinatorResponse {
    const port = this.brokers.find((one) => one.nodeId === this.coordinator)?.port
    const found = { nodeId: this.coordinator, host: 'fake', port: port ?? -1 }
    return { throttleTimeMs: 0, errorCode: port === undefined ? 15 : 0, errorMessage: null, ...found }
  }
}

function encoded<Request, Response>(api: BrokerApi<Request, Response>, response: Response): Buffer {
  const writer = new Writer(version >= api.flexibleFrom)
  api.encodeResponse(writer, response, version)
  return writer.toBuffer()
}

export function fakeSettings(ports: readonly number[], changes: Partial<ClientSettings> = {}): ClientSettings {
  return {
    bootstrapServers: ports.map((port) => ({ host: 'fake', port })),
    clientId: 'test',
    security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
    requestTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    reconnectBackoffMs: 50,
    reconnectBackoffMaxMs: 1_000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1_000,
    metadataMaxAgeMs: 300_000,
    connectionsMaxIdleMs: 540_000,
    ...changes
  }
}

/** A logger that keeps `level: message` of everything above debug. */
export function recordingLogger(lines: string[]): Logger {
  const keep = (level: string) => (_fields: object, message: string) => {
    lines.push(`${level}: ${message}`)
  }
  const logger: Logger = {
    debug: () => undefined,
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    child: () => logger
  }
  return logger
}
