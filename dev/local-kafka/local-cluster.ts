/**
 * A real Apache Kafka cluster (KRaft) on the loopback interface, for the demo, the tests and the bench.
 *
 *   const cluster = await LocalCluster.start()                       // one broker, version 4.3.1, ~3 s
 *   cluster.bootstrapServers                                         // '127.0.0.1:23456'
 *   await cluster.broker(1).kill(); await cluster.broker(1).start()  // same data, same ports
 *   cluster.broker(1).pause(); cluster.broker(1).resume()            // SIGSTOP, SIGCONT
 *   await cluster.destroy()                                          // stops it and removes its data
 *
 *   await LocalCluster.start({
 *     version: '3.9.1', brokers: 3,
 *     settings: { 'auto.create.topics.enable': 'false' },            // all brokers
 *     brokerSettings: { 2: { 'broker.rack': 'b' } },                 // one broker
 *     listeners: [{ protocol: 'SASL_SSL', mechanisms: ['SCRAM-SHA-512'] }],  // beside PLAINTEXT
 *     users: [{ name: 'alice', password: 'secret' }]                 // PLAIN and SCRAM
 *   })
 *   cluster.bootstrapFor('SASL_SSL'); cluster.certificates?.ca.pem
 *
 * In vitest use `realCluster` of test/support/real-cluster.ts, which cleans up by itself. All processes end with their
 * owner, even when it is killed with -9. Nodes are numbered from 1; the first three are controllers too (of two
 * nodes only the first), so a cluster of three survives the loss of any one node.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificates, createCertificates } from './certificates.ts'
import { freePorts } from './free-ports.ts'
import { runJavaClass } from './java-class.ts'
import { kafkaJars, type KafkaJars, requireJava } from './kafka-jars.ts'
import {
  type BoundListener,
  type Credentials,
  type Endpoint,
  type ListenerOptions,
  mechanismsOf,
  type User,
  usesTls
} from './listeners.ts'
import { LocalBroker } from './local-broker.ts'
import { LocalKafkaError } from './local-kafka-error.ts'
import { interBrokerListener, propertiesText, serverProperties } from './server-properties.ts'

export interface AdvertisedFor extends Endpoint {
  readonly nodeId: number
  readonly listener: string
}

export interface LocalClusterOptions {
  /** Default 4.3.1, or what KAFKA_HOME holds. */
  readonly version?: string
  /** Default 1. */
  readonly brokers?: number
  readonly settings?: Readonly<Record<string, string>>
  /** By node id, from 1; win over `settings`. */
  readonly brokerSettings?: Readonly<Record<number, Readonly<Record<string, string>>>>
  /** Beside PLAINTEXT, which is always there. */
  readonly listeners?: readonly ListenerOptions[]
  /** May log in on every SASL listener. */
  readonly users?: readonly User[]
  /** For SSL listeners; made on the spot where not given. */
  readonly certificates?: Certificates
  /** Default 384. */
  readonly heapMb?: number
  /** Default: a temporary directory, which is removed with the cluster. One that is given stays, and its data is used again. */
  readonly dir?: string
  /** Start fast at the price of slow code (no second compiler tier). Default true; false for measurements. */
  readonly fastStart?: boolean
  /** Default 60 s. */
  readonly startTimeoutMs?: number
  /**
   * The address that clients are told, e.g. of a proxy. Called before the broker starts, with its real address; not
   * for the listener on which brokers talk to each other. Undefined: the real address.
   */
  readonly advertise?: (endpoint: AdvertisedFor) => Promise<Endpoint | undefined> | Endpoint | undefined
}

export class LocalCluster {
  readonly version: string
  readonly jars: KafkaJars
  readonly dir: string
  readonly certificates: Certificates | undefined
  readonly brokers: readonly LocalBroker[]
  readonly #temporary: boolean

  private constructor(layout: Layout, brokers: readonly LocalBroker[]) {
    this.jars = layout.jars
    this.version = layout.jars.version
    this.dir = layout.dir
    this.certificates = layout.credentials.certificates
    this.brokers = brokers
    this.#temporary = layout.temporary
  }

  /** @throws LocalKafkaError JAVA_MISSING, MAVEN_MISSING, DOWNLOAD_FAILED, START_FAILED */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    await requireJava()
    for (let triesLeft = 2; ; triesLeft--) {
      try {
        return await LocalCluster.#startOnce(options)
      } catch (error) {
        // Between the look for free ports and their use, another process can have taken one. A given directory keeps its ports.
        if (triesLeft === 0 || options.dir !== undefined || !isPortTaken(error)) throw error
      }
    }
  }

  static async #startOnce(options: LocalClusterOptions): Promise<LocalCluster> {
    const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'local-kafka-')))
    let cluster: LocalCluster | undefined
    try {
      const layout = await planLayout(options, dir)
      cluster = new LocalCluster(layout, await createBrokers(options, layout))
      await cluster.startAll()
      return cluster
    } catch (error) {
      await cluster?.destroy()
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 3 })
      throw error
    }
  }

  /** Comma-separated `host:port` of the PLAINTEXT listeners, as clients are told them. */
  get bootstrapServers(): string {
    return this.bootstrapFor('PLAINTEXT')
  }

  bootstrapFor(listener: string): string {
    return this.brokers
      .map((broker) => broker.advertised(listener))
      .map(({ host, port }) => `${host}:${port}`)
      .join(',')
  }

  broker(nodeId: number): LocalBroker {
    const found = this.brokers.find((broker) => broker.nodeId === nodeId)
    if (found === undefined) throw new LocalKafkaError('START_FAILED', `there is no broker ${nodeId}`)
    return found
  }

  /** Starts all that do not run, and waits until each sees all. */
  async startAll(): Promise<void> {
    const nodeIds = this.brokers.map((broker) => broker.nodeId)
    await Promise.all(this.brokers.filter((broker) => !broker.running).map((broker) => broker.start(nodeIds)))
  }

  /** Stops all brokers and keeps the data: `startAll` brings the cluster back. */
  async stop(): Promise<void> {
    // All at once: a node whose fellow voters are gone could not finish a controlled shutdown alone.
    await Promise.all(this.brokers.map((broker) => broker.stop()))
  }

  /** Ends all brokers at once and removes the data (of a directory that the caller named: only the processes). */
  async destroy(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()))
    if (this.#temporary) await rm(this.dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

interface Layout {
  readonly jars: KafkaJars
  readonly dir: string
  readonly temporary: boolean
  readonly credentials: Credentials
  readonly listeners: readonly (ListenerOptions & { readonly name: string })[]
}

async function planLayout(options: LocalClusterOptions, dir: string): Promise<Layout> {
  const jars = await kafkaJars(options.version)
  const temporary = options.dir === undefined
  await mkdir(dir, { recursive: true })
  const inner: ListenerOptions = { name: interBrokerListener, protocol: 'PLAINTEXT' }
  const listeners = [inner, { protocol: 'PLAINTEXT' } as const, ...(options.listeners ?? [])].map((listener) => ({
    ...listener,
    name: listener.name ?? listener.protocol
  }))
  const needsTls = listeners.some(usesTls) && options.certificates === undefined
  const certificates = needsTls ? await createCertificates(join(dir, 'certificates')) : options.certificates
  return { jars, dir, temporary, listeners, credentials: { users: options.users ?? [], certificates } }
}

async function createBrokers(options: LocalClusterOptions, layout: Layout): Promise<LocalBroker[]> {
  const nodeIds = Array.from({ length: options.brokers ?? 1 }, (_, index) => index + 1)
  const voterCount = nodeIds.length < 3 ? 1 : 3
  const ports = await freePorts(voterCount + nodeIds.length * layout.listeners.length)
  const voters = ports.splice(0, voterCount).map((port, index) => ({ nodeId: index + 1, port }))
  const clusterId = newClusterId()
  return await Promise.all(
    nodeIds.map(async (nodeId) => {
      const dir = join(layout.dir, `node-${nodeId}`)
      const ownPorts = ports.slice((nodeId - 1) * layout.listeners.length)
      const listeners = await bindListeners(options, layout, nodeId, ownPorts)
      const properties = serverProperties({
        nodeId,
        brokerCount: nodeIds.length,
        voters,
        dataDir: join(dir, 'data'),
        listeners,
        credentials: layout.credentials,
        settings: { ...options.settings, ...options.brokerSettings?.[nodeId] }
      })
      await mkdir(dir, { recursive: true })
      await writeFile(join(dir, 'server.properties'), propertiesText(properties), 'latin1')
      if (!existsSync(join(dir, 'data', 'meta.properties'))) await format(layout, dir, clusterId)
      return new LocalBroker({
        nodeId,
        jars: layout.jars,
        dir,
        listeners,
        heapMb: options.heapMb ?? 384,
        fastStart: options.fastStart ?? true,
        startTimeoutMs: options.startTimeoutMs ?? 60_000,
        removeWithOwner: layout.temporary ? layout.dir : undefined
      })
    })
  )
}

async function bindListeners(
  options: LocalClusterOptions,
  layout: Layout,
  nodeId: number,
  ports: readonly number[]
): Promise<BoundListener[]> {
  return await Promise.all(
    layout.listeners.map(async (listener, index) => {
      const port = ports[index] ?? 0
      const own: Endpoint = { host: '127.0.0.1', port }
      const told =
        listener.name === interBrokerListener
          ? undefined
          : await options.advertise?.({ ...own, nodeId, listener: listener.name })
      return { ...listener, port, advertised: told ?? own }
    })
  )
}

/** Writes the identity of the node and, where a listener asks for them, the SCRAM users (from Kafka 3.5 on). */
async function format(layout: Layout, dir: string, clusterId: string): Promise<void> {
  const scram = new Set(layout.listeners.flatMap(mechanismsOf).filter((mechanism) => mechanism !== 'PLAIN'))
  const users = layout.credentials.users.flatMap((user) =>
    [...scram].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${user.name},password=${user.password}]`])
  )
  const args = ['format', '-t', clusterId, '-c', join(dir, 'server.properties'), ...users]
  await runJavaClass(layout.jars, 'kafka.tools.StorageTool', args, { heapMb: 128 })
}

/** 16 random bytes as Kafka spells them; a first `-` would be read as an option. */
function newClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof LocalKafkaError && error.message.includes('Address already in use')
}
