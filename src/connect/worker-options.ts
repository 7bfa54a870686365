import {
  atLeast,
  boolean,
  choice,
  int,
  list,
  long,
  pluginClass,
  required,
  short,
  string,
  type Check,
  type OptionStatus,
  type OptionValues
} from '../config/option-table.ts'
import { byteArrayConverterClass, convertersByName, headerConvertersByName } from './converters/converter-table.ts'

/** Top-level keys that begin like this reach the worker of every route, and win over `B.` keys. */
export const topLevelWorkerPrefixes = [
  'offset.storage',
  'config.storage',
  'status.storage',
  'key.converter',
  'value.converter',
  'header.converter',
  'task',
  'worker',
  'replication.policy'
] as const

const replicationFactor: Check<number> = {
  expected: '1 or more, or -1 for the default of the brokers',
  holds: (value) => value === -1 || value >= 1
}
const partitions: Check<number> = replicationFactor

const oneApi: OptionStatus = { ignored: 'the REST API has its own listeners, rest.api.listeners' }
const noJvm: OptionStatus = { ignored: 'there is no JVM to load it' }
const internal: OptionStatus = { ignored: 'what is stored is always JSON without schemas' }

const converter = (what: string): { default: string; builtIns: readonly string[]; meaning: string } => ({
  default: byteArrayConverterClass,
  builtIns: [...convertersByName.keys()],
  meaning: `Converter of ${what}, where the connector names none. With ByteArrayConverter for all three batches pass unread.`
})

const macAlgorithms = ['HmacMD5', 'HmacSHA1', 'HmacSHA224', 'HmacSHA256', 'HmacSHA384', 'HmacSHA512']
const macAlgorithm: Check<string> = {
  expected: `one of ${macAlgorithms.join(', ')}`,
  holds: (name) => macAlgorithms.includes(name)
}

/** Keys of a Connect worker. In the file they are written with the alias of the target in front, but for those of `topLevelWorkerPrefixes`. */
export const workerOptions = {
  'group.id': string({
    default: required,
    importance: 'high',
    meaning: 'Connect group of the route on the target. Default `A-mm2`.'
  }),
  'client.id': string({ default: '', meaning: 'Part of the client ids of the worker. Default `A->B`.' }),
  'offset.storage.topic': string({
    default: required,
    importance: 'high',
    meaning: 'Topic on the target that keeps source positions. Default `mm2-offsets.A.internal`.'
  }),
  'offset.storage.partitions': int({
    default: 25,
    check: partitions,
    meaning: 'Partitions of that topic when it is created.'
  }),
  'offset.storage.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning:
      'Replication factor of that topic when it is created. Other `offset.storage.*` keys are settings of the topic.'
  }),
  'config.storage.topic': string({
    default: required,
    importance: 'high',
    meaning: 'Topic on the target that keeps connector configs. Default `mm2-configs.A.internal`.'
  }),
  'config.storage.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning: 'Replication factor of that topic when it is created.'
  }),
  'config.storage.partitions': int({
    default: 1,
    status: { ignored: 'the topic always has one partition' },
    meaning: 'Not to be set.'
  }),
  'status.storage.topic': string({
    default: required,
    importance: 'high',
    meaning: 'Topic on the target that keeps states. Default `mm2-status.A.internal`.'
  }),
  'status.storage.partitions': int({
    default: 5,
    check: partitions,
    meaning: 'Partitions of that topic when it is created.'
  }),
  'status.storage.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning: 'Replication factor of that topic when it is created.'
  }),
  'offset.flush.interval.ms': long({
    default: 1000,
    check: atLeast(1),
    importance: 'medium',
    meaning: 'How often source positions are stored. The reference waits 60000: what a crash repeats is bounded by it.'
  }),
  'offset.flush.timeout.ms': long({
    default: 5000,
    check: atLeast(1),
    meaning: 'How long storing positions may take before it counts as failed; it goes on and is made good by the next.'
  }),
  'task.shutdown.graceful.timeout.ms': long({
    default: 5000,
    check: atLeast(0),
    meaning: 'How long tasks together may take to stop; then they are cut off, and what was not acknowledged repeats.'
  }),
  'key.converter': pluginClass(converter('keys')),
  'value.converter': pluginClass(converter('values')),
  'header.converter': pluginClass({ ...converter('headers'), builtIns: [...headerConvertersByName.keys()] }),
  'exactly.once.source.support': choice({
    words: ['disabled'],
    ignoreCase: true,
    default: 'disabled',
    expected: 'disabled: exactly-once is not in this release',
    importance: 'high',
    meaning: 'Whether records and source positions are written in one transaction.'
  }),
  'session.timeout.ms': int({
    default: 10_000,
    meaning: 'Silence after which the group drops a worker.'
  }),
  'heartbeat.interval.ms': int({
    default: 3000,
    meaning: 'Pace of the heartbeats to the group.'
  }),
  'rebalance.timeout.ms': int({ default: 60_000, meaning: 'How long a rebalance may take.' }),
  'connect.protocol': choice({
    words: ['eager', 'compatible', 'sessioned'],
    ignoreCase: true,
    default: 'sessioned',
    meaning: 'How the group assigns work.'
  }),
  'scheduled.rebalance.max.delay.ms': int({
    default: 300_000,
    check: atLeast(0),
    meaning: 'How long lost work waits for its worker.'
  }),
  'worker.sync.timeout.ms': int({
    default: 3000,
    meaning: 'How long reading the config topic may take in a rebalance.'
  }),
  'worker.unsync.backoff.ms': int({ default: 300_000, meaning: 'Wait after that failed.' }),
  'topic.tracking.enable': boolean({
    default: true,
    meaning: 'Whether active topics are noted in the status topic.'
  }),
  'topic.tracking.allow.reset': boolean({
    default: true,
    meaning: 'Whether REST may reset them.'
  }),
  'topic.creation.enable': boolean({
    default: true,
    meaning:
      'Whether Connect creates topics that a connector writes to, where that connector has `topic.creation.*` keys.'
  }),
  'plugin.path': list({ default: null, status: noJvm, meaning: 'Folders of Java plug-ins.' }),
  'plugin.discovery': string({ default: 'hybrid_warn', status: noJvm, meaning: 'How Java plug-ins are found.' }),
  'connector.client.config.override.policy': string({
    default: 'All',
    status: { ignored: 'all overrides are allowed, as in the dedicated MirrorMaker' },
    meaning: 'Which client keys a connector may override.'
  }),
  'metric.reporters': list({ default: [], status: noJvm, meaning: 'Java metric reporters.' }),
  'auto.include.jmx.reporter': boolean({
    default: true,
    status: noJvm,
    meaning: 'Whether JMX is added to the reporters (3.9).'
  }),
  'metrics.num.samples': int({
    default: 2,
    check: atLeast(1),
    meaning: 'Samples of a windowed metric; of all routes alike, as the first one has it.'
  }),
  'metrics.sample.window.ms': long({
    default: 30_000,
    check: atLeast(1),
    meaning: 'Length of a sample; of all routes alike, as the first one has it.'
  }),
  'metrics.recording.level': string({ default: 'INFO', status: noJvm, meaning: 'Which Java metrics are kept.' }),
  'internal.key.converter': string({ default: null, status: internal, meaning: 'Not to be set.' }),
  'internal.value.converter': string({ default: null, status: internal, meaning: 'Not to be set.' }),
  'inter.worker.key.generation.algorithm': string({
    default: 'HmacSHA256',
    check: macAlgorithm,
    meaning: 'Algorithm of the key that signs internal requests.'
  }),
  'inter.worker.key.size': int({ default: null, meaning: 'Bits of that key.' }),
  'inter.worker.key.ttl.ms': int({
    default: 3_600_000,
    check: atLeast(0),
    meaning: 'Life of that key.'
  }),
  'inter.worker.signature.algorithm': string({
    default: 'HmacSHA256',
    check: macAlgorithm,
    meaning: 'Algorithm of the signatures.'
  }),
  'inter.worker.verification.algorithms': list({
    default: ['HmacSHA256'],
    check: {
      expected: `at least one of ${macAlgorithms.join(', ')}`,
      holds: (names) => names.length > 0 && names.every((name) => macAlgorithms.includes(name))
    },
    meaning: 'Algorithms taken from others.'
  }),
  'rest.extension.classes': list({ default: [], status: noJvm, meaning: 'Java REST extensions.' }),
  'admin.listeners': list({ default: null, status: oneApi, meaning: 'Addresses of the admin resources.' })
}

export type WorkerSettings = OptionValues<typeof workerOptions>

/** Keys below `<storage>.` that describe the storage itself; every other one is a setting of its topic. */
const storageKeys = ['topic', 'partitions', 'replication.factor', 'cleanup.policy']

/** Settings of an internal topic when it is created, from keys such as `offset.storage.min.insync.replicas`. */
export function storageTopicSettings(
  properties: ReadonlyMap<string, string>,
  storage: 'offset.storage' | 'config.storage' | 'status.storage'
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const [key, value] of properties) {
    if (!key.startsWith(`${storage}.`)) continue
    const name = key.slice(storage.length + 1)
    if (!storageKeys.includes(name)) settings.set(name, value)
  }
  return settings
}
