import { parseBrokerAddress } from './broker-address.ts'
import {
  atLeast,
  boolean,
  choice,
  int,
  javaClass,
  list,
  long,
  required,
  string,
  type OptionStatus,
  type OptionValues
} from './option-table.ts'

/** Keys of Kafka's Java clients. Those of security are in security-options.ts. */
const noJvm: OptionStatus = { ignored: 'there is no JVM to load it' }
const noPolls: OptionStatus = { ignored: 'batches are fetched without a group and are not cut into polls' }
const noBatches: OptionStatus = { ignored: 'batches pass as the source has them; they are not built from records' }
const noSockets: OptionStatus = { ignored: 'Node sets the socket buffers' }
const noTimeout: OptionStatus = { ignored: 'requests are retried until they succeed or the program stops' }
const noMetrics: OptionStatus = { ignored: 'metrics have their own way out' }
const noRecovery: OptionStatus = { ignored: 'the bootstrap servers are always tried again when no broker answers' }
const bytesOnly: OptionStatus = { ignored: 'records pass as bytes' }

export const bootstrapServersOption = list({
  default: required,
  importance: 'high',
  check: {
    expected: 'host:port addresses, separated by commas',
    holds: (addresses) => addresses.length > 0 && addresses.every((address) => parseBrokerAddress(address) !== null)
  },
  meaning: 'Brokers to start from. Every alias needs it: `A.bootstrap.servers`.'
})

/** Every client. */
export const clientOptions = {
  'bootstrap.servers': bootstrapServersOption,
  'client.id': string({
    default: '',
    importance: 'medium',
    meaning: 'Put in front of the client ids that the program makes.'
  }),
  'request.timeout.ms': int({
    default: 30_000,
    check: atLeast(1),
    importance: 'medium',
    meaning: 'How long a broker may take to answer; then the connection is closed.'
  }),
  'socket.connection.setup.timeout.ms': long({
    default: 10_000,
    check: atLeast(1),
    importance: 'medium',
    meaning: 'How long opening a connection may take.'
  }),
  'reconnect.backoff.ms': long({
    default: 50,
    check: atLeast(0),
    meaning: 'First wait before a broker is tried again.'
  }),
  'reconnect.backoff.max.ms': long({ default: 1000, check: atLeast(0), meaning: 'Longest such wait.' }),
  'retry.backoff.ms': long({ default: 100, check: atLeast(0), meaning: 'First wait before a request is sent again.' }),
  'retry.backoff.max.ms': long({ default: 1000, check: atLeast(0), meaning: 'Longest such wait.' }),
  'metadata.max.age.ms': long({ default: 300_000, check: atLeast(0), meaning: 'How old metadata may get.' }),
  'connections.max.idle.ms': long({ default: 540_000, meaning: 'How long an unused connection is kept.' }),
  'socket.connection.setup.timeout.max.ms': long({
    default: 30_000,
    status: { ignored: 'the time to connect does not grow' },
    meaning: 'Longest time that opening a connection may take.'
  }),
  'client.dns.lookup': choice({
    words: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only', 'default'],
    default: 'use_all_dns_ips',
    status: { ignored: 'Node tries all addresses of a name' },
    meaning: 'How names are looked up.'
  }),
  'send.buffer.bytes': int({
    default: 131_072,
    check: atLeast(-1),
    status: noSockets,
    meaning: 'Send buffer of a socket.'
  }),
  'receive.buffer.bytes': int({
    default: 65_536,
    check: atLeast(-1),
    status: noSockets,
    meaning: 'Receive buffer of a socket.'
  }),
  'default.api.timeout.ms': int({
    default: 60_000,
    check: atLeast(0),
    status: noTimeout,
    meaning: 'How long a call may take, retries included.'
  }),
  retries: int({
    default: 2_147_483_647,
    check: atLeast(0),
    status: noTimeout,
    meaning: 'How often a request is sent again.'
  }),
  'metric.reporters': list({ default: [], status: noMetrics, meaning: 'Java metric reporters.' }),
  'auto.include.jmx.reporter': boolean({ default: true, status: noMetrics, meaning: 'Whether JMX is added to them.' }),
  'metrics.num.samples': int({
    default: 2,
    check: atLeast(1),
    status: noMetrics,
    meaning: 'Samples of a Java metric.'
  }),
  'metrics.sample.window.ms': long({
    default: 30_000,
    check: atLeast(0),
    status: noMetrics,
    meaning: 'Length of a sample.'
  }),
  'metrics.recording.level': string({ default: 'INFO', status: noMetrics, meaning: 'Which Java metrics are kept.' }),
  'enable.metrics.push': boolean({
    default: true,
    status: noMetrics,
    meaning: 'Whether metrics are pushed to brokers.'
  }),
  'metadata.recovery.strategy': string({
    default: 'rebootstrap',
    status: noRecovery,
    meaning: 'What happens when no known broker answers.'
  }),
  'metadata.recovery.rebootstrap.trigger.ms': long({
    default: 300_000,
    check: atLeast(0),
    status: noRecovery,
    meaning: 'When that happens.'
  }),
  'security.providers': string({ default: null, status: noJvm, meaning: 'Java security providers.' })
}

export const consumerOptions = {
  ...clientOptions,
  'fetch.min.bytes': int({
    default: 1,
    check: atLeast(0),
    importance: 'high',
    meaning: 'A fetch waits until that much is there.'
  }),
  'fetch.max.bytes': int({
    default: 16 * 1024 * 1024,
    check: atLeast(0),
    importance: 'medium',
    meaning: 'Most bytes of one fetch. Java clients take 52428800.'
  }),
  'max.partition.fetch.bytes': int({
    default: 1024 * 1024,
    check: atLeast(0),
    importance: 'high',
    meaning: 'Most bytes of one partition in a fetch; a first batch may be larger.'
  }),
  'fetch.max.wait.ms': int({ default: 500, check: atLeast(0), meaning: 'How long a fetch waits for them.' }),
  'isolation.level': choice({
    words: ['read_uncommitted', 'read_committed'],
    default: 'read_uncommitted',
    importance: 'medium',
    meaning: 'Whether records of open and aborted transactions are read.'
  }),
  'auto.offset.reset': choice({
    words: ['earliest', 'latest', 'none'],
    default: 'earliest',
    importance: 'medium',
    meaning: 'Where to read from when there is no position, or it is gone.'
  }),
  'client.rack': string({ default: '', meaning: 'Rack of this process: records are then read from a replica there.' }),
  'check.crcs': boolean({
    default: true,
    status: { ignored: 'the brokers of the target verify every batch, whose checksum passes as it is' },
    meaning: 'Whether checksums of batches are verified.'
  }),
  'enable.auto.commit': boolean({ default: false, status: noPolls, meaning: 'Always off.' }),
  'auto.commit.interval.ms': int({ default: 5000, check: atLeast(0), status: noPolls, meaning: 'Never used.' }),
  'max.poll.records': int({ default: 500, check: atLeast(1), status: noPolls, meaning: 'Most records of one poll.' }),
  'max.poll.interval.ms': int({
    default: 300_000,
    check: atLeast(1),
    status: noPolls,
    meaning: 'Longest time between polls.'
  }),
  'group.id': string({ default: null, status: noPolls, meaning: 'Consumer group.' }),
  'group.instance.id': string({ default: null, status: noPolls, meaning: 'Static member.' }),
  'group.protocol': string({ default: 'classic', status: noPolls, meaning: 'Group protocol.' }),
  'group.remote.assignor': string({ default: null, status: noPolls, meaning: 'Assignor of the broker.' }),
  'session.timeout.ms': int({
    default: 45_000,
    status: noPolls,
    meaning: 'Silence after which a group drops a member.'
  }),
  'heartbeat.interval.ms': int({ default: 3000, status: noPolls, meaning: 'Pace of heartbeats to a group.' }),
  'partition.assignment.strategy': list({ default: [], status: noPolls, meaning: 'How a group spreads partitions.' }),
  'exclude.internal.topics': boolean({
    default: true,
    status: noPolls,
    meaning: 'Whether a subscription leaves out internal topics.'
  }),
  'allow.auto.create.topics': boolean({
    default: false,
    status: { ignored: 'topics are never created by reading them' },
    meaning: 'Whether reading a topic may create it.'
  }),
  'interceptor.classes': list({ default: [], status: noJvm, meaning: 'Java interceptors.' }),
  'key.deserializer': javaClass({ default: null, accepted: null, status: bytesOnly, meaning: 'Deserializer of keys.' }),
  'value.deserializer': javaClass({
    default: null,
    accepted: null,
    status: bytesOnly,
    meaning: 'Deserializer of values.'
  })
}

export const producerOptions = {
  ...clientOptions,
  acks: choice({
    words: ['all', '-1', '1'],
    default: 'all',
    expected: 'all, -1 or 1: without acknowledgements no position could be stored for what arrived',
    importance: 'medium',
    meaning: 'Replicas that must have a batch. Anything but `all` can lose records and gives up idempotence.'
  }),
  'max.in.flight.requests.per.connection': int({
    default: 5,
    check: atLeast(1),
    meaning: 'Requests under way to a broker; more than 5 count as 5, so that order is kept.'
  }),
  'max.request.size': int({
    default: 1024 * 1024,
    check: atLeast(1),
    importance: 'medium',
    meaning: 'Most bytes of one request, but for a single larger batch.'
  }),
  'compression.type': choice({
    words: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    default: null,
    importance: 'high',
    meaning: 'Codec of every batch. Not set, batches keep the codec they have at the source, which costs nothing.'
  }),
  'enable.idempotence': boolean({
    default: true,
    status: { ignored: 'on with `acks=all`, off without' },
    meaning: 'Whether retries can make no duplicates.'
  }),
  'batch.size': int({ default: 16_384, check: atLeast(0), status: noBatches, meaning: 'Bytes of a batch.' }),
  'linger.ms': long({
    default: 5,
    check: atLeast(0),
    status: noBatches,
    meaning: 'How long a batch waits to be filled.'
  }),
  'buffer.memory': long({ default: 33_554_432, check: atLeast(0), status: noBatches, meaning: 'Memory for batches.' }),
  'max.block.ms': long({ default: 60_000, check: atLeast(0), status: noTimeout, meaning: 'How long a send may wait.' }),
  'delivery.timeout.ms': int({
    default: 2_147_483_647,
    check: atLeast(0),
    status: noTimeout,
    meaning: 'How long a batch may take, retries included.'
  }),
  'compression.gzip.level': int({ default: -1, status: noBatches, meaning: 'Level of gzip.' }),
  'compression.lz4.level': int({ default: 9, status: noBatches, meaning: 'Level of lz4.' }),
  'compression.zstd.level': int({ default: 3, status: noBatches, meaning: 'Level of zstd.' }),
  'metadata.max.idle.ms': long({
    default: 300_000,
    check: atLeast(5000),
    status: { ignored: 'topics are followed as long as they are mirrored' },
    meaning: 'When an unused topic is forgotten.'
  }),
  'partitioner.class': javaClass({
    default: null,
    accepted: null,
    status: { ignored: 'partitions are those of the source' },
    meaning: 'Partitioner.'
  }),
  'partitioner.ignore.keys': boolean({
    default: false,
    status: { ignored: 'partitions are those of the source' },
    meaning: 'Whether it looks at keys.'
  }),
  'partitioner.adaptive.partitioning.enable': boolean({
    default: true,
    status: { ignored: 'partitions are those of the source' },
    meaning: 'Whether it looks at load.'
  }),
  'partitioner.availability.timeout.ms': long({
    default: 0,
    check: atLeast(0),
    status: { ignored: 'partitions are those of the source' },
    meaning: 'When it passes over a partition.'
  }),
  'transactional.id': string({
    default: null,
    status: { later: 'exactly-once is not in this release' },
    meaning: 'Transactional id.'
  }),
  'transaction.timeout.ms': int({
    default: 60_000,
    status: { later: 'exactly-once is not in this release' },
    meaning: 'How long a transaction may be open.'
  }),
  'interceptor.classes': list({ default: [], status: noJvm, meaning: 'Java interceptors.' }),
  'key.serializer': javaClass({ default: null, accepted: null, status: bytesOnly, meaning: 'Serializer of keys.' }),
  'value.serializer': javaClass({ default: null, accepted: null, status: bytesOnly, meaning: 'Serializer of values.' })
}

export const adminOptions = {
  ...clientOptions,
  'bootstrap.controllers': list({
    default: [],
    status: { ignored: 'only brokers are spoken to' },
    meaning: 'Controllers to start from.'
  })
}

export type ClientValues = OptionValues<typeof clientOptions>
