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
import { prometheusLabel, prometheusName } from '../src/metrics/prometheus-text.ts'
import { statistics } from '../src/metrics/statistics.ts'

const groups: readonly MetricGroup[] = [
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
    'process hide each other.',
    '',
    'Attributes whose value is text are series that are always 1, with the text in a label of the attribute’s name:',
    '`kafka_connect_connector_status{connector="…",status="running"} 1`.',
    '',
    'The window is `metrics.num.samples` samples (2) of `metrics.sample.window.ms` (30000) each. Series go when what they',
    'stand for goes from the process.',
    '',
    'CPU, memory, event loop and garbage collection of the process are there too, under the names that prom-client gives',
    'them (`process_…`, `nodejs_…`).',
    '',
    '| Kind | Value |',
    '| --- | --- |',
    ...Object.entries(statistics).map(([name, { meaning }]) => tableRow([name, meaning])),
    ...groups.flatMap(groupLines),
    ''
  ].join('\n')
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
