import {
  appInfoMetrics,
  connectorMetrics,
  connectorTaskCountMetrics,
  coordinatorMetrics,
  rebalanceMetrics,
  workerMetrics
} from '../src/connect/metrics/worker-metric-tables.ts'
import {
  predicateMetrics,
  sourceTaskMetrics,
  taskErrorMetrics,
  taskMetrics,
  transformMetrics
} from '../src/connect/metrics/task-metric-tables.ts'
import { type MetricGroup } from '../src/metrics/metric-group.ts'
import {
  gapKinds,
  gapMetrics,
  mirrorSourceMetrics,
  mirrorSourcePluginMetrics,
  partitionGapMetrics,
  partitionLagMetrics,
  stoppedMetrics,
  stoppedPartitionMetrics,
  taskLagMetrics
} from '../src/mirror/metrics/source-metric-tables.ts'
import {
  mirrorCheckpointMetrics,
  mirrorCheckpointPluginMetrics,
  offsetMapMetrics,
  translationMetrics
} from '../src/mirror/metrics/translation-metric-tables.ts'
import { prometheusLabel, prometheusName } from '../src/metrics/prometheus-text.ts'
import { statistics } from '../src/metrics/statistics.ts'

/** Every group that a process can export. */
export const metricGroups: readonly MetricGroup[] = [
  mirrorSourceMetrics,
  mirrorSourcePluginMetrics,
  partitionLagMetrics,
  taskLagMetrics,
  gapMetrics,
  partitionGapMetrics,
  stoppedMetrics,
  stoppedPartitionMetrics,
  mirrorCheckpointMetrics,
  mirrorCheckpointPluginMetrics,
  translationMetrics,
  offsetMapMetrics,
  workerMetrics,
  connectorTaskCountMetrics,
  rebalanceMetrics,
  coordinatorMetrics,
  connectorMetrics,
  taskMetrics,
  sourceTaskMetrics,
  taskErrorMetrics,
  transformMetrics,
  predicateMetrics,
  appInfoMetrics
]

/** docs/metrics.md, from the metric tables. */
export function metricsPage(): string {
  const example = prometheusName('kafka.connect', 'connector-task-metrics', 'offset-commit-avg-time-ms')
  return [
    '<!-- Printed from the metric tables by `npm run docs`; edits are lost. -->',
    '',
    '# Metrics',
    '',
    'Names are made from the reference’s MBeans by one rule: domain, group without a trailing `-metrics`, attribute; joined',
    'by `_`, in lower case, whatever is no letter or digit becoming `_`. Tags become labels by the same spelling. So',
    '`kafka.connect:type=connector-task-metrics,connector=…,task=…`, attribute `offset-commit-avg-time-ms`, is',
    `\`${example}{connector="…",task="…"}\`.`,
    'Every series also has the labels `source` and `target`: in the reference the worker metrics of several routes in one',
    'process hide each other. `topic` is always the name at the target, so that series of one partition can be joined.',
    '',
    'Attributes whose value is text are series that are always 1, with the text in a label of the attribute’s name:',
    '`kafka_connect_connector_status{connector="…",status="running"} 1`.',
    '',
    'The window is `metrics.num.samples` samples (2) of `metrics.sample.window.ms` (30000) each. Series go when what they',
    'stand for goes from the process.',
    '',
    '`grafana/` has a dashboard and alert rules made of these names.',
    '',
    'CPU, memory, event loop and garbage collection of the process are there too, under the names that prom-client gives',
    'them (`process_…`, `nodejs_…`).',
    '',
    '| Kind | Value |',
    '| --- | --- |',
    ...Object.entries(statistics).map(([name, { meaning }]) => tableRow([name, meaning])),
    ...mirroringLines(),
    ...metricGroups.flatMap(groupLines),
    ''
  ].join('\n')
}

function mirroringLines(): string[] {
  return [
    '',
    '## Mirroring: what is different from MirrorMaker 2',
    '',
    '- Figures are fed by record batch, not by record. Counts are exact. Ages and latencies are those of the newest record of',
    '  each batch, and averages are over batches. Records without a timestamp do not count, where the reference takes them to',
    '  be decades old.',
    '- Bytes are those of whole batches on their way to the target: keys, headers and framing count, and what is compressed',
    '  counts as it is. The reference counts the bytes of values alone, uncompressed.',
    '- Checkpoint latency is of the group and partition that it names. In the reference one sensor feeds all series of a task.',
    '- Both names that `metric.names.formats` can ask for have a series for each partition and each group; in the reference',
    '  the new names have one checkpoint series a task.',
    '- `MirrorLag`, `MirrorTaskLag`, `MirrorGaps`, `MirrorPartitionGaps`, `MirrorStopped`, `MirrorStoppedPartition`,',
    '  `MirrorTranslation` and `MirrorOffsetMap` are of this program.',
    '',
    'A partition has 15 series (27 with both formats). Where that is too much, `metrics.partition.series.enabled = false` at',
    'the top level of the file leaves out every group with the label `partition`; sums by task and route stay.',
    '',
    'Lag is worked out when it is asked for, from the end of the source log as the last fetch saw it. While a source cluster',
    'is away, or a task is paused, the end is not known anew and lag stands still: watch heartbeats and task states too.',
    '',
    '## Gaps',
    '',
    'A gap is source records that will never be at the target. Each is counted by kind, warned of once a partition and kind',
    'with its offset range and what can be done, and kept in the offset map as the reason of a hole.',
    '',
    '| Kind | Source records |',
    '| --- | --- |',
    ...Object.entries(gapKinds).map(([kind, meaning]) => tableRow([kind, meaning])),
    '',
    '`gap.policy` says what follows for the kinds that happen at the source (retention, truncated, recreated). With',
    '`continue`, the default, mirroring goes on behind the gap, as in the reference. With `fail` the task fails with',
    '`MIRROR_SOURCE_GAP` before anything behind the gap is mirrored, and each attempt to start it again fails too, until',
    'an operator acts:',
    '',
    '- stop the connector, alter the stored offset of the partition by REST (`PATCH …/connectors/MirrorSourceConnector/offsets`,',
    '  docs/rest.md; `null` begins with what is there), and resume it; or',
    '- set `gap.policy = continue`, which goes past the gap as it would have been gone past at once.',
    '',
    'A process remembers what it failed at. One that is started anew, or another one that takes the task over, meets the gap',
    'again where the log still shows it: retention always, a cut log until it has grown beyond the stored position.',
    '',
    'Records that the target refuses for good (refused) fail the task too, with the same error, and no position of their',
    'partition is stored beyond them: raise `max.message.bytes` of the target topic and restart the task, or do as above.',
    'What was read together with them is mirrored again.'
  ]
}

function groupLines(group: MetricGroup): string[] {
  const labels = group.tags.map((tag) => `\`${prometheusLabel(tag)}\``).join(', ')
  const name = (attribute: string): string => `\`${prometheusName(group.domain, group.name, attribute)}\``
  const numbers = Object.values(group.sensors).flatMap(({ attributes, unit, meaning }) =>
    Object.entries(attributes).map(([attribute, kind]) => [attribute, name(attribute), kind, unit, meaning])
  )
  const texts = Object.entries(group.texts).map(([attribute, meaning]) => [
    attribute,
    name(attribute),
    'text',
    '',
    meaning
  ])
  const title = group.tags.length === 0 ? group.name : `${group.name} (${group.tags.join(', ')})`
  return [
    '',
    `## ${title}`,
    '',
    `A row is ${group.meaning}. ${labels === '' ? 'No labels of its own.' : `Labels ${labels}.`}`,
    '',
    '| Attribute | Prometheus | Kind | Unit of what is recorded | Of |',
    '| --- | --- | --- | --- | --- |',
    ...[...numbers, ...texts].map(tableRow)
  ]
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
