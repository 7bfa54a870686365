import { metricGroup } from '../../metrics/metric-group.ts'

/**
 * Metrics of mirrored partitions. Fed per record batch: the ages are those of its newest record (its header's largest
 * timestamp), averages are over batches, and bytes are those of the batch as it is on the wire, where the reference walks
 * the records. `topic` is the name at the target, as in the reference.
 */
const sourceSensors = {
  records: {
    unit: 'records',
    meaning: 'records that the target acknowledged',
    attributes: { 'record-count': 'total', 'record-rate': 'rate' }
  },
  bytes: {
    unit: 'bytes',
    meaning:
      'bytes polled: of whole batches as they go to the target, compressed as they are; the reference counts values alone',
    attributes: { 'byte-count': 'total', 'byte-rate': 'rate' }
  },
  age: {
    unit: 'ms',
    meaning: 'age of the newest record of a batch when it was polled; records without a timestamp do not count',
    attributes: {
      'record-age-ms': 'value',
      'record-age-ms-max': 'max',
      'record-age-ms-min': 'min',
      'record-age-ms-avg': 'avg'
    }
  },
  latency: {
    unit: 'ms',
    meaning: 'age of the newest record of a batch when the target acknowledged it',
    attributes: {
      'replication-latency-ms': 'value',
      'replication-latency-ms-max': 'max',
      'replication-latency-ms-min': 'min',
      'replication-latency-ms-avg': 'avg'
    }
  }
} as const

const ofPartition = ['source', 'target', 'topic', 'partition'] as const
const partitionMeaning = 'a partition of a task in this process'

/** `metric.names.formats` legacy. */
export const mirrorSourceMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorSourceConnector',
  tags: ofPartition,
  meaning: partitionMeaning,
  sensors: sourceSensors,
  texts: {}
})

/** `metric.names.formats` new: the same under another name, and by connector and task. */
export const mirrorSourcePluginMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'plugins',
  tags: ['connector', 'task', ...ofPartition],
  meaning: `${partitionMeaning}; with \`metric.names.formats\` new`,
  sensors: sourceSensors,
  texts: {}
})

/** How far the target is behind. A key of this program; the reference has nothing of the kind. */
const lagSensors = {
  records: {
    unit: 'records',
    meaning: 'offsets between what the target acknowledged and the end of the source log (its high watermark)',
    attributes: { 'lag-records': 'value' }
  },
  bytes: {
    unit: 'bytes',
    meaning: 'the same in bytes, estimated: records times the mean size of those polled since the task started',
    attributes: { 'lag-bytes': 'value' }
  },
  seconds: {
    unit: 'seconds',
    meaning:
      'age of the newest acknowledged record while there is lag, though no longer than there has been lag since the partition was level; 0 while it is level',
    attributes: { 'lag-seconds': 'value' }
  }
} as const

/** Worked out when somebody scrapes; a row appears with the source's first answer. */
export const partitionLagMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorLag',
  tags: ofPartition,
  meaning: partitionMeaning,
  sensors: lagSensors,
  texts: {}
})

/** There without partition series too. */
export const taskLagMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorTaskLag',
  tags: ['source', 'target', 'connector', 'task'],
  meaning:
    'a task of the source connector in this process: records and bytes are sums over its partitions, seconds the largest',
  sensors: {
    ...lagSensors,
    partitions: { unit: 'partitions', meaning: 'partitions of the task', attributes: { 'partition-count': 'value' } }
  },
  texts: {}
})

/** Kinds of source records that will never be on the target, in the words of logs and metrics. */
export const gapKinds = {
  retention: 'deleted at the source before they were mirrored',
  truncated: 'lost at the end of the source log, after they were mirrored',
  recreated: 'the topic was deleted and created again; how many is not known, and counts as 0',
  refused: 'too large for the target',
  filtered: 'dropped by transforms, or left out by errors.tolerance'
} as const

export type GapKind = keyof typeof gapKinds

const gapSensors = {
  gap: {
    unit: 'records',
    meaning: 'gaps, and the source offsets in them: at most as many records',
    attributes: { 'gap-record-count': 'total', 'gap-event-count': 'count' }
  }
} as const

/** All kinds are there from the start, so that the first gap is an increase. */
export const gapMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorGaps',
  tags: ['source', 'target', 'kind'],
  meaning: 'a kind of gap, on a route, since this process started',
  sensors: gapSensors,
  texts: {}
})

export const partitionGapMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorPartitionGaps',
  tags: [...ofPartition, 'kind'],
  meaning: 'a kind of gap in a partition, from the first one on, since this process started',
  sensors: gapSensors,
  texts: {}
})

/** Where a partition is stopped: its source cannot be read, or its target takes nothing. */
export type StoppedSide = 'source' | 'target'

export const stoppedMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorStopped',
  tags: ['source', 'target', 'side'],
  meaning: 'a side of a route: `source` for what cannot be read, `target` for what cannot be written',
  sensors: {
    partitions: {
      unit: 'partitions',
      meaning: 'partitions that stand still in this process until an operator acts',
      attributes: { 'partition-count': 'value' }
    }
  },
  texts: {}
})

export const stoppedPartitionMetrics = metricGroup({
  domain: 'kafka.connect.mirror',
  name: 'MirrorStoppedPartition',
  tags: [...ofPartition, 'side'],
  meaning: 'a partition that stands still until an operator acts; there only while it does',
  sensors: {
    stopped: { unit: '1', meaning: 'always 1', attributes: { stopped: 'value' } }
  },
  texts: {}
})
