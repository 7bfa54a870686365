import { errorCodes } from '../src/base/errors.ts'
import { adminOptions, clientOptions, consumerOptions, producerOptions } from '../src/config/client-options.ts'
import { type Option } from '../src/config/option-table.ts'
import { securityOptions } from '../src/config/security-options.ts'
import { connectorBaseOptions, sourceFrameworkOptions } from '../src/connect/connector-options.ts'
import { workerOptions } from '../src/connect/worker-options.ts'
import { driverOptions } from '../src/driver/driver-options.ts'
import {
  checkpointConnectorOptions,
  heartbeatConnectorOptions,
  legacyMirrorOptions,
  mirrorBaseOptions,
  sourceConnectorOptions,
  topicFilterOptions
} from '../src/mirror/mirror-options.ts'

type Table = Readonly<Record<string, Option<unknown>>>

interface Section {
  readonly title: string
  readonly text: string
  readonly table: Table
  /** Tables whose keys are listed elsewhere already. */
  readonly without?: readonly Table[]
}

const sections: readonly Section[] = [
  {
    title: 'Process',
    text: 'Only at the top level of the file.',
    table: driverOptions
  },
  {
    title: 'Security',
    text:
      'For a cluster (`A.ssl.truststore.location`), for one kind of its clients (`A.consumer.sasl.jaas.config`), or at ' +
      'the top level for all clusters. A cluster’s own key wins.',
    table: securityOptions
  },
  {
    title: 'Routes',
    text: 'For one route (`A->B.topics`) or at the top level for all of them.',
    table: { ...mirrorBaseOptions, ...topicFilterOptions, ...sourceConnectorOptions }
  },
  {
    title: 'Routes: checkpoints',
    text: 'Written as the keys of routes.',
    table: checkpointConnectorOptions,
    without: [sourceConnectorOptions]
  },
  {
    title: 'Routes: heartbeats',
    text: 'Written as the keys of routes.',
    table: heartbeatConnectorOptions,
    without: [sourceConnectorOptions]
  },
  { title: 'Routes: tasks and Connect', text: 'Written as the keys of routes.', table: connectorBaseOptions },
  {
    title: 'Routes: only per route',
    text: 'Only for one route (`A->B.exactly.once.support`).',
    table: sourceFrameworkOptions
  },
  { title: 'Routes: old names', text: 'Keys of Kafka 3.9.', table: legacyMirrorOptions },
  {
    title: 'Worker',
    text:
      'For the target of routes (`B.offset.flush.interval.ms`). Keys that begin with `offset.storage`, `config.storage`, ' +
      '`status.storage`, `key.converter`, `value.converter`, `header.converter`, `task` or `worker` are also read at the ' +
      'top level, where they win.',
    table: workerOptions
  },
  {
    title: 'Clients',
    text:
      'For a kind of client of a cluster (`A.consumer.request.timeout.ms`, `B.producer.…`, `A.admin.…`), for one route ' +
      '(`A->B.source.consumer.…`), and for the producer of mirrored records of one route (`A->B.producer.override.…`).',
    table: clientOptions
  },
  { title: 'Clients: consumers', text: 'As the keys of clients.', table: consumerOptions, without: [clientOptions] },
  { title: 'Clients: producers', text: 'As the keys of clients.', table: producerOptions, without: [clientOptions] },
  { title: 'Clients: admins', text: 'As the keys of clients.', table: adminOptions, without: [clientOptions] }
]

const head = '<!-- Printed from the option tables by `npm run docs`; edits are lost. -->'

export function configurationPage(): string {
  const intro = [
    head,
    '',
    '# Configuration',
    '',
    'The file is a Java `.properties` file, as for Apache MirrorMaker 2. A file whose name ends in `.ini` may put the',
    'prefixes into sections instead: `[A]`, `[A->B]`, `[A.consumer]`. `A` and `B` stand for aliases of clusters, `A->B` for',
    'a route. Keys marked *later* or *ignored* are accepted, and a warning says that they have no effect.'
  ]
  return [...intro, ...sections.flatMap(sectionLines), ''].join('\n')
}

function sectionLines({ title, text, table, without = [] }: Section): string[] {
  const rows = Object.entries(table)
    .filter(([key]) => !without.some((other) => Object.hasOwn(other, key)))
    .map(([key, option]) => row(key, option))
  const columns = ['| Key | Type | Default | Importance | Meaning |', '| --- | --- | --- | --- | --- |']
  return ['', `## ${title}`, '', text, '', ...columns, ...rows]
}

function row(key: string, option: Option<unknown>): string {
  const valid = option.valid === null ? '' : ` Valid: ${option.valid}.`
  const cells = [
    `\`${key}\``,
    option.type,
    defaultText(option.default),
    option.importance,
    option.meaning + valid + statusText(option)
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function statusText({ status }: Option<unknown>): string {
  if (status === 'used') return ''
  return 'later' in status ? ` *Later: ${status.later}.*` : ` *Ignored: ${status.ignored}.*`
}

function defaultText(value: unknown): string {
  if (value === undefined) return 'required'
  if (value === null) return 'none'
  const text = Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? 'empty' : `\`${text}\``
}

export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  const intro = 'Every error that the program raises on purpose carries one of these codes, in its log line too.'
  return [
    head.replace('option tables', 'table of error codes'),
    '',
    '# Errors',
    '',
    intro,
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    ...rows,
    ''
  ].join('\n')
}
