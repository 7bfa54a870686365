import kafkajs, { type Admin, type KafkaConfig, type SASLOptions } from 'kafkajs'
import pLimit from 'p-limit'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type ClientSettings, type SaslSettings } from '../config/client-settings.ts'
import { openSocket } from '../net/socket.ts'
import { secureContextOf } from '../net/tls.ts'
import { type ForwardingAdmin, type NewTopic } from './forwarding-admin.ts'
import { brokerAnswerOf, mirrorErrorOf } from './kafkajs-errors.ts'
import { askForNoTopics, calmRequestQueue } from './kafkajs-remedies.ts'
import { controllerTimeoutMs, TopicCreations } from './topic-creations.ts'

export interface KafkajsAdminOptions {
  readonly alias: string
  readonly settings: ClientSettings
  readonly logger: Logger
}

/** The default ForwardingAdmin: connects for a call, or for several that overlap, and disconnects afterwards. */
export function createKafkajsAdmin(options: KafkajsAdminOptions): ForwardingAdmin {
  calmRequestQueue()
  return new KafkajsAdmin(options)
}

type Socket = ReturnType<typeof openSocket>

/** kafkajs' admin of one burst of calls, and its sockets: it neither closes them on a timeout nor after a lost race. */
interface Session {
  readonly admin: Admin
  readonly sockets: Map<Socket, string>
}

/** Calls at a time; a controller handles them one after the other anyway. */
const concurrentCalls = 8

class KafkajsAdmin implements ForwardingAdmin {
  readonly #options: KafkajsAdminOptions
  readonly #limit = pLimit(concurrentCalls)
  readonly #creations: TopicCreations
  #session: Promise<Session> | null = null
  #calls = 0
  #isClosed = false

  constructor(options: KafkajsAdminOptions) {
    this.#options = options
    this.#creations = new TopicCreations(options.alias)
  }

  async createTopic(topic: NewTopic): Promise<boolean> {
    const isFirst = this.#creations.isEmpty
    const created = this.#creations.add(topic)
    if (isFirst) void this.#createTopics()
    return await created
  }

  async createPartitions(topic: string, totalCount: number): Promise<boolean> {
    const topicPartitions = [{ topic, count: totalCount }]
    try {
      await this.#call(async (admin) => {
        await admin.createPartitions({ topicPartitions, timeout: controllerTimeoutMs })
      })
      return true
    } catch (thrown) {
      if (brokerAnswerOf(thrown)?.type === 'INVALID_PARTITIONS') return false
      throw mirrorErrorOf(thrown, `${this.#options.alias}: raise ${topic} to ${totalCount} partitions`)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#limit.clearQueue()
    this.#creations.reject(this.#closed())
    await this.#endSession()
  }

  async #createTopics(): Promise<void> {
    try {
      await this.#call(async (admin) => {
        await this.#creations.send(admin)
      })
    } catch (thrown) {
      this.#creations.reject(thrown)
    }
  }

  async #call(run: (admin: Admin) => Promise<void>): Promise<void> {
    await this.#limit(async () => {
      if (this.#isClosed) throw this.#closed()
      this.#calls += 1
      try {
        this.#session ??= this.#connect()
        const { admin } = await this.#session
        await run(admin)
      } finally {
        this.#calls -= 1
        if (this.#calls === 0) await this.#endSession()
      }
    })
  }

  #closed(): MirrorError {
    return new MirrorError('MIRROR_CLOSED', `${this.#options.alias}: the admin client is closed`)
  }

  async #connect(): Promise<Session> {
    const sockets = new Map<Socket, string>()
    const { Kafka } = kafkajs
    const admin = new Kafka(await this.#kafkaConfig(sockets)).admin()
    admin.on(admin.events.REQUEST_TIMEOUT, ({ payload }) => {
      // kafkajs would go on sending to a broker that has stopped answering on this socket.
      for (const [socket, broker] of sockets) {
        if (broker === payload.broker) socket.destroy(new Error('request timed out'))
      }
    })
    try {
      await admin.connect()
    } catch (thrown) {
      destroyAll(sockets)
      throw thrown
    }
    return { admin, sockets }
  }

  /** Security never depends on what kafkajs makes of its `ssl`: every socket comes from our own factory. */
  async #kafkaConfig(sockets: Map<Socket, string>): Promise<KafkaConfig> {
    const { settings, logger } = this.#options
    const { tls, sasl } = settings.security
    const { connectTimeoutMs } = settings
    const tlsClient =
      tls === null ? null : { secureContext: await secureContextOf(tls), verifyHostname: tls.verifyHostname }
    return {
      clientId: settings.clientId,
      brokers: settings.bootstrapServers.map(({ host, port }) => `${host}:${port}`),
      connectionTimeout: connectTimeoutMs,
      authenticationTimeout: connectTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      enforceRequestTimeout: true,
      retry: { initialRetryTime: 100, retries: 3 },
      ...(tls === null ? {} : { ssl: true }),
      ...(sasl === null ? {} : { sasl: kafkajsSasl(sasl) }),
      // Failures reach the caller; kafkajs would log each attempt as an error beside that.
      logCreator: () => (entry) => {
        logger.debug({ kafkajs: entry.log }, `kafkajs: ${entry.log.message}`)
      },
      socketFactory: ({ host, port, onConnect }) => {
        const socket = openSocket({ host, port, tls: tlsClient, connectTimeoutMs }, null)
        socket.once(tlsClient === null ? 'connect' : 'secureConnect', onConnect)
        socket.once('close', () => sockets.delete(socket))
        sockets.set(socket, `${host}:${port}`)
        socket.write = new Proxy(socket.write.bind(socket), {
          apply(write, _target, args: Parameters<Socket['write']>) {
            askForNoTopics(args[0])
            return Reflect.apply(write, socket, args)
          }
        })
        return socket
      }
    }
  }

  async #endSession(): Promise<void> {
    const session = this.#session
    this.#session = null
    if (session === null) return
    try {
      const { admin, sockets } = await session
      await admin.disconnect().finally(() => {
        destroyAll(sockets)
      })
    } catch (thrown) {
      // The caller has the reason already when connecting failed; a failing farewell changes nothing.
      this.#options.logger.debug({ error: String(thrown) }, 'kafkajs admin did not disconnect cleanly')
    }
  }
}

function destroyAll(sockets: ReadonlyMap<Socket, string>): void {
  for (const socket of sockets.keys()) socket.destroy()
}

function kafkajsSasl({ mechanism, username, password }: SaslSettings): SASLOptions {
  if (mechanism === 'PLAIN') return { mechanism: 'plain', username, password }
  if (mechanism === 'SCRAM-SHA-256') return { mechanism: 'scram-sha-256', username, password }
  return { mechanism: 'scram-sha-512', username, password }
}
