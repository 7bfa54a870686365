import { metricGroup } from '../../metrics/metric-group.ts'

/** Metrics of checkpoints and of what they are made from. `topic` is the name at the target, as in the reference. */
const checkpointSensors = {
  latency: {
    unit: 'ms',
    meaning:
      'age of a checkpoint when the target acknowledged it; of this group and partition alone, where the reference mixes all of a task',
    attributes: {
      'checkpoint-latency-ms': 'value',
      'checkpoint-latency-ms-max': 'max',
      'checkpoint-latency-ms-min': 'min',
      'checkpoint-latency-ms-avg': 'avg'
    }
  }
} as const

const ofCheckpoint = ['source', 'target', 'group', 'topic', 'partition'] as const
const checkpointMeaning =
  'a group and a partition that it has committed offsets of, from its first acknowledged checkpoint on'

/** `metric.names.formats` legacy. */
export const mirrorCheckpointMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorCheckpointConnector',
  tags: ofCheckpoint,
  meaning: checkpointMeaning,
  sensors: checkpointSensors,
  texts: {}
})

/** `metric.names.formats` new. */
export const mirrorCheckpointPluginMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'plugins',
  tags: ['connector', 'task', ...ofCheckpoint],
  meaning: `${checkpointMeaning}; with \`metric.names.formats\` new`,
  sensors: checkpointSensors,
  texts: {}
})

const counted = (attribute: string, meaning: string) => ({
  unit: 'offsets',
  meaning,
  attributes: { [attribute]: 'total' as const }
})

export const translationMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorTranslation',
  tags: ['source', 'target', 'group'],
  meaning: 'a group whose offsets are translated in this process',
  sensors: {
    exact: counted(
      'exact-count',
      'translations of committed offsets, one a partition and round, to precisely the next record'
    ),
    conservative: counted(
      'conservative-count',
      'translations to a position that may be before the next record: a failover reads records again; one that becomes exact later in the round counts there too'
    ),
    untranslated: counted('untranslated-count', 'committed offsets that could not be translated: no checkpoint')
  },
  texts: {}
})

export const offsetMapMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorOffsetMap',
  tags: ['source', 'target'],
  meaning: 'the offset map of a route, as this process has it',
  sensors: {
    usable: {
      unit: '0 or 1',
      meaning: 'whether it can be read and written: 0 after its warning, when translation goes by offset syncs alone',
      attributes: { usable: 'value' }
    },
    records: {
      unit: 'records',
      meaning: 'records written to its topic',
      attributes: { 'record-count': 'total', 'record-rate': 'rate' }
    },
    bytes: {
      unit: 'bytes',
      meaning: 'bytes of their keys and values',
      attributes: { 'byte-count': 'total', 'byte-rate': 'rate' }
    },
    failures: {
      unit: 'attempts',
      meaning: 'writes that failed; positions are not stored until one succeeds',
      attributes: { 'write-failure-count': 'total' }
    }
  },
  texts: {}
})
