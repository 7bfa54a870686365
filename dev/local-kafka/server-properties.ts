/** server.properties of a small KRaft broker that starts fast and needs little memory. */
import { type BoundListener, type Credentials, listenerSettings } from './listeners.ts'

export interface ServerPlan {
  readonly nodeId: number
  readonly brokerCount: number
  /** Id and controller port of every node that votes. */
  readonly voters: readonly { readonly nodeId: number; readonly port: number }[]
  readonly dataDir: string
  readonly listeners: readonly BoundListener[]
  readonly credentials: Credentials
  /** Win over everything else. */
  readonly settings: Readonly<Record<string, string>>
}

/** Brokers talk to each other on a listener of their own, which no proxy and no security setting of a test touches. */
export const interBrokerListener = 'REPLICATION'

export function serverProperties(plan: ServerPlan): Record<string, string> {
  const own = plan.voters.find((voter) => voter.nodeId === plan.nodeId)
  const replicas = String(Math.min(3, plan.brokerCount))
  const bound = plan.listeners.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`)
  const advertised = plan.listeners.map(({ name, advertised: { host, port } }) => `${name}://${host}:${port}`)
  const protocols = plan.listeners.map((listener) => `${listener.name}:${listener.protocol}`)
  const security = plan.listeners.flatMap((listener) => Object.entries(listenerSettings(listener, plan.credentials)))
  return {
    'process.roles': own === undefined ? 'broker' : 'broker,controller',
    'node.id': String(plan.nodeId),
    'controller.quorum.voters': plan.voters.map((voter) => `${voter.nodeId}@127.0.0.1:${voter.port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: (own === undefined ? bound : [...bound, `CONTROLLER://127.0.0.1:${own.port}`]).join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
    'inter.broker.listener.name': interBrokerListener,
    'log.dirs': plan.dataDir,
    'num.partitions': '1',
    'offsets.topic.num.partitions': '5',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '5',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'message.max.bytes': '10485760',
    // Records of tests have times of their own, often old ones; 30 s after its start a broker would begin to delete them.
    'log.retention.ms': '-1',
    'log.cleaner.dedupe.buffer.size': '16777216',
    // A broker that was killed is let in again only when its old session has ended (default 9 s).
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '4',
    ...Object.fromEntries(security),
    ...plan.settings
  }
}

/** A Java properties file; values may hold any character of latin1. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(([key, value]) => `${escape(key)}=${escape(value)}`)
  return `${lines.join('\n')}\n`
}

function escape(text: string): string {
  return text.replace(/[\\\n=: #!]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
