import { asError } from '../base/errors.ts'
import {
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
  type OptionValues
} from '../config/option-table.ts'
import { policyClasses } from '../mirror-client/replication-policy-class.ts'
import { compilePatternList } from './filters/pattern-list.ts'

/** Release of the reference whose behaviour the connectors have, and whose version they say is theirs. */
export const emulatedVersion = '4.3.1'

/** Keys of the three MirrorMaker connectors, as the reference defines them for that release. */
const packageName = 'org.apache.kafka.connect.mirror'

/** The reference's scheduler refuses a period of 0 and spins on 0 elsewhere; here 0 is refused everywhere, negative is off. */
const interval: Check<number> = { expected: '1 or more, or a negative number for off', holds: (value) => value !== 0 }

const replicationFactor: Check<number> = {
  expected: '1 or more, or -1 for the default of the brokers',
  holds: (value) => value === -1 || (value >= 1 && value <= 32_767)
}

/** Patterns are Java's: what cannot be matched exactly as there is refused at start, not when the first topic is seen. */
const patterns: Check<readonly string[]> = {
  expected: 'names or Java regular expressions',
  holds: (list) => refusal(list) === null,
  reason: (list) => refusal(list) ?? ''
}

function refusal(list: readonly string[]): string | null {
  try {
    compilePatternList(list)
    return null
  } catch (thrown) {
    return asError(thrown).message
  }
}

/** Shared by the three connectors. */
export const mirrorBaseOptions = {
  enabled: boolean({
    default: true,
    importance: 'low',
    meaning: 'Whether the route replicates. Written as `A->B.enabled`; a route without it does not.'
  }),
  'source.cluster.alias': string({
    default: required,
    importance: 'high',
    meaning: 'Alias of the source cluster; filled from the route.'
  }),
  'target.cluster.alias': string({
    default: 'target',
    importance: 'high',
    meaning: 'Alias of the target cluster; filled from the route.'
  }),
  'admin.timeout.ms': long({ default: 60_000, meaning: 'How long a step of the start may take.' }),
  'replication.policy.class': pluginClass({
    default: policyClasses.default,
    builtIns: Object.values(policyClasses),
    meaning: 'How remote topics are named: with the alias in front, unchanged, or by a policy of your own.'
  }),
  'replication.policy.separator': string({
    default: '.',
    meaning: 'Text between alias and topic in remote topic names.'
  }),
  'replication.policy.internal.topic.separator.enabled': boolean({
    default: true,
    meaning: 'Whether a separator other than the default is used in the names of checkpoint and offset-sync topics too.'
  }),
  'forwarding.admin.class': pluginClass({
    default: 'org.apache.kafka.clients.admin.ForwardingAdmin',
    builtIns: ['org.apache.kafka.clients.admin.ForwardingAdmin'],
    meaning: 'Who creates topics and ACLs.'
  }),
  'metric.reporters': list({
    default: ['org.apache.kafka.common.metrics.JmxReporter'],
    status: { ignored: 'there is no JVM; metrics have their own way out' },
    meaning: 'Java metric reporters.'
  }),
  'metric.names.formats': list({
    default: ['legacy'],
    check: {
      expected: 'legacy, new or both',
      holds: (names) => names.length > 0 && names.every((name) => name === 'legacy' || name === 'new')
    },
    meaning:
      'Names of the metrics of partitions and checkpoints: `legacy` (`kafka.connect.mirror`), `new` (`kafka.connect`, `plugins`, with connector and task), or both.'
  })
}

/** Shared by the source and the checkpoint connector. */
export const topicFilterOptions = {
  topics: list({
    check: patterns,
    default: ['.*'],
    importance: 'high',
    meaning: 'Topics to mirror: names or regular expressions that match the whole name.'
  }),
  'topics.exclude': list({
    check: patterns,
    default: ['mm2.*\\.internal', '.*\\.replica', '__.*'],
    importance: 'high',
    meaning: 'Topics never mirrored; wins over `topics`. Setting it replaces the default list.'
  }),
  'topic.filter.class': pluginClass({
    default: `${packageName}.DefaultTopicFilter`,
    builtIns: [`${packageName}.DefaultTopicFilter`],
    meaning: 'Who decides which topics are mirrored.'
  }),
  'consumer.poll.timeout.ms': long({
    default: 1000,
    meaning: 'How long a task waits for records at the source before it looks for other work.'
  }),
  'offset-syncs.topic.location': choice({
    words: ['source', 'target'],
    default: 'source',
    meaning: 'Which cluster keeps the offset-syncs topic.'
  })
}

/** Not the reference's: a Java worker that reads the same stored config takes no notice of it. */
const offsetMapEnabled = boolean({
  default: true,
  meaning:
    'Whether it is kept on the target where each source record lies there, so that any position can be translated exactly.'
})

export const sourceConnectorOptions = {
  ...mirrorBaseOptions,
  ...topicFilterOptions,
  'config.properties.exclude': list({
    check: patterns,
    default: [
      'follower.replication.throttled.replicas',
      'leader.replication.throttled.replicas',
      'message.timestamp.difference.max.ms',
      'log.message.timestamp.before.max.ms',
      'log.message.timestamp.after.max.ms',
      'message.timestamp.type',
      'unclean.leader.election.enable',
      'min.insync.replicas'
    ],
    importance: 'high',
    meaning: 'Topic settings not copied: names or regular expressions. Setting it replaces the default list.'
  }),
  'config.property.filter.class': pluginClass({
    default: `${packageName}.DefaultConfigPropertyFilter`,
    builtIns: [`${packageName}.DefaultConfigPropertyFilter`],
    meaning: 'Who decides which topic settings are copied.'
  }),
  'use.defaults.from': string({
    default: 'target',
    meaning:
      '`source`: settings that are at their default at the source are written to the remote topic too. Only as `A->B.use.defaults.from`.'
  }),
  'refresh.topics.enabled': boolean({ default: true, meaning: 'Whether new topics and partitions are looked for.' }),
  'refresh.topics.interval.seconds': long({
    default: 600,
    check: interval,
    meaning: 'How often new topics and partitions are looked for.'
  }),
  'sync.topic.configs.enabled': boolean({
    default: true,
    meaning: 'Whether topic settings are kept equal.'
  }),
  'sync.topic.configs.interval.seconds': long({
    default: 600,
    check: interval,
    meaning: 'How often topic settings are compared.'
  }),
  'sync.topic.acls.enabled': boolean({
    default: true,
    meaning: 'Whether ACLs of topics are copied.'
  }),
  'sync.topic.acls.interval.seconds': long({
    default: 600,
    check: interval,
    meaning: 'How often ACLs are copied.'
  }),
  'replication.factor': int({
    default: 2,
    check: replicationFactor,
    meaning: 'Replication factor of remote topics when they are created.'
  }),
  'offset-syncs.topic.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning: 'Replication factor of the offset-syncs topic and of the offset map.'
  }),
  'offset.lag.max': long({
    default: 100,
    check: { expected: '0 or more', holds: (lag) => lag >= 0 },
    meaning: 'How far an offset translation may be behind before another offset sync is written.'
  }),
  'emit.offset-syncs.enabled': boolean({
    default: true,
    meaning: 'Whether offset syncs are written.'
  }),
  'offset.map.enabled': offsetMapEnabled,
  'offset.map.interval.ms': int({
    default: 1000,
    check: { expected: '1 or more', holds: (value) => value >= 1 },
    meaning: 'How often the offset map is written at most; also before source positions are stored.'
  }),
  'heartbeats.replication.enabled': boolean({
    default: true,
    meaning: 'Whether heartbeat topics are mirrored even if the topic filter says no.'
  }),
  'gap.policy': choice({
    words: ['continue', 'fail'],
    default: 'continue',
    meaning:
      'What a task does when source records were lost before they could be mirrored (deleted, a log cut off, a topic created again), or are too large for the target: count it, warn and go on, or fail until an operator acts (docs/metrics.md). A key of this program.'
  })
}

export const checkpointConnectorOptions = {
  ...mirrorBaseOptions,
  ...topicFilterOptions,
  'offset.map.enabled': offsetMapEnabled,
  groups: list({
    check: patterns,
    default: ['.*'],
    importance: 'high',
    meaning: 'Consumer groups to follow: names or regular expressions.'
  }),
  'groups.exclude': list({
    check: patterns,
    default: ['console-consumer-.*', 'connect-.*', '__.*'],
    importance: 'high',
    meaning: 'Consumer groups never followed; wins over `groups`. Setting it replaces the default list.'
  }),
  'group.filter.class': pluginClass({
    default: `${packageName}.DefaultGroupFilter`,
    builtIns: [`${packageName}.DefaultGroupFilter`],
    meaning: 'Who decides which groups are followed.'
  }),
  'refresh.groups.enabled': boolean({
    default: true,
    meaning: 'Whether new groups are looked for.'
  }),
  'refresh.groups.interval.seconds': long({
    default: 600,
    check: interval,
    meaning: 'How often new groups are looked for.'
  }),
  'emit.checkpoints.enabled': boolean({
    default: true,
    meaning: 'Whether checkpoints are written.'
  }),
  'emit.checkpoints.interval.seconds': long({
    default: 60,
    check: interval,
    meaning: 'How often checkpoints are written.'
  }),
  'checkpoints.topic.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning: 'Replication factor of the checkpoints topic.'
  }),
  'sync.group.offsets.enabled': boolean({
    default: false,
    meaning:
      'Whether translated offsets are written into the groups of the target: those without members alone, and never back.'
  }),
  'sync.group.offsets.interval.seconds': long({
    default: 60,
    check: interval,
    meaning: 'How often group offsets are written.'
  })
}

export const heartbeatConnectorOptions = {
  ...mirrorBaseOptions,
  'emit.heartbeats.enabled': boolean({
    default: true,
    meaning: 'Whether heartbeats are written. Makes a flow of a pair of clusters even where its route is not enabled.'
  }),
  'emit.heartbeats.interval.seconds': long({
    default: 1,
    check: interval,
    meaning: 'How often heartbeats are written.'
  }),
  'heartbeats.topic.replication.factor': short({
    default: 3,
    check: replicationFactor,
    meaning: 'Replication factor of the heartbeats topic.'
  })
}

/** Keys of 3.9 that 4.x passes over in silence. The first three are translated: else excluded topics would be mirrored. */
export const legacyMirrorOptions = {
  'topics.blacklist': list({ default: null, meaning: 'Old name of `topics.exclude`.' }),
  'groups.blacklist': list({ default: null, meaning: 'Old name of `groups.exclude`.' }),
  'config.properties.blacklist': list({ default: null, meaning: 'Old name of `config.properties.exclude`.' }),
  'use.incremental.alter.configs': choice({
    words: ['requested', 'required', 'never'],
    default: 'requested',
    meaning:
      'How topic settings are altered: one by one (`required`), all of a topic at a time after reading and merging them ' +
      '(`never`), or one by one unless the target cannot (`requested`).'
  }),
  'add.source.alias.to.metrics': boolean({
    default: true,
    status: { ignored: 'metrics always name the source, as in 4.x' },
    meaning: 'Whether metrics name the source.'
  })
}

/** Old name to new name. */
export const renamedMirrorKeys: ReadonlyMap<string, string> = new Map([
  ['topics.blacklist', 'topics.exclude'],
  ['groups.blacklist', 'groups.exclude'],
  ['config.properties.blacklist', 'config.properties.exclude']
])

export type SourceConnectorSettings = OptionValues<typeof sourceConnectorOptions>
export type LegacyMirrorSettings = OptionValues<typeof legacyMirrorOptions>
export type CheckpointConnectorSettings = OptionValues<typeof checkpointConnectorOptions>
