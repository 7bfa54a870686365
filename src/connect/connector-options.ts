import {
  atLeast,
  boolean,
  choice,
  int,
  list,
  long,
  pluginClass,
  string,
  type Option,
  type OptionStatus
} from '../config/option-table.ts'
import { convertersByName, headerConvertersByName } from './converters/converter-table.ts'

const noExactlyOnce: OptionStatus = { later: 'exactly-once is not in this release' }

const converter = (what: string): { default: null; builtIns: readonly string[]; meaning: string } => ({
  default: null,
  builtIns: [...convertersByName.keys()],
  meaning: `Converter of ${what}; the worker's where it is not set.`
})

const version = (what: string): Option<string | null> =>
  string({
    default: null,
    meaning: `Version that ${what} must have, or ranges as in Maven; another one fails connector and tasks.`
  })

/** Defined for every connector: at the top level they reach all routes. */
export const connectorBaseOptions = {
  name: string({
    default: null,
    importance: 'high',
    meaning: 'Name of the connector; filled by the program, never to be set.'
  }),
  'connector.class': string({
    default: null,
    importance: 'high',
    meaning: 'Class of the connector; filled by the program, never to be set.'
  }),
  'tasks.max': int({
    default: 1,
    check: atLeast(1),
    importance: 'high',
    meaning: 'Most tasks a connector is split into. At 1 nothing runs in parallel.'
  }),
  'tasks.max.enforce': boolean({
    default: true,
    meaning: 'Whether more tasks than that are an error, or only warned of.'
  }),
  'key.converter': pluginClass(converter('keys')),
  'value.converter': pluginClass(converter('values')),
  'header.converter': pluginClass({ ...converter('headers'), builtIns: [...headerConvertersByName.keys()] }),
  transforms: list({ default: [], meaning: 'Single-message transforms, in their order.' }),
  predicates: list({ default: [], meaning: 'Predicates that transforms refer to.' }),
  'config.action.reload': choice({
    words: ['restart', 'none'],
    ignoreCase: true,
    default: 'restart',
    status: { ignored: 'no value of the built-in config providers expires' },
    meaning: 'What happens when a value of a config provider expires.'
  }),
  'errors.retry.timeout': long({
    default: 0,
    meaning: 'How long a failed transform or conversion is retried.'
  }),
  'errors.retry.delay.max.ms': long({
    default: 60_000,
    meaning: 'Longest wait between those retries.'
  }),
  'errors.tolerance': choice({
    words: ['none', 'all'],
    ignoreCase: true,
    default: 'none',
    meaning: 'Whether records that cannot be transformed are skipped.'
  }),
  'errors.log.enable': boolean({
    default: false,
    meaning: 'Whether each such record is logged.'
  }),
  'errors.log.include.messages': boolean({
    default: false,
    meaning: 'Whether its topic and offset are logged.'
  }),
  'connector.plugin.version': version('the connector'),
  'key.converter.plugin.version': version('the converter of keys'),
  'value.converter.plugin.version': version('the converter of values'),
  'header.converter.plugin.version': version('the converter of headers')
}

/** Defined for source connectors alone, after the fact: they reach a connector only as `A->B.` keys. */
export const sourceFrameworkOptions = {
  'exactly.once.support': choice({
    words: ['requested'],
    expected: 'requested: exactly-once is not in this release',
    ignoreCase: true,
    default: 'requested',
    status: noExactlyOnce,
    meaning: 'Whether the connector must be able to do exactly-once.'
  }),
  'transaction.boundary': choice({
    words: ['poll', 'interval', 'connector'],
    ignoreCase: true,
    default: 'poll',
    status: noExactlyOnce,
    meaning: 'What a transaction spans.'
  }),
  'transaction.boundary.interval.ms': long({
    default: null,
    check: atLeast(0),
    status: noExactlyOnce,
    meaning: 'How long a transaction is, for `interval`.'
  }),
  'offsets.storage.topic': string({
    default: null,
    status: { later: 'positions are always in the offsets topic of the worker' },
    meaning: 'Offsets topic of the connector alone.'
  })
}

/** Keys that the Connect framework reads from any connector's config. */
export const connectorOptions = { ...connectorBaseOptions, ...sourceFrameworkOptions }
