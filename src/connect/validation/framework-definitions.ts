import { list, type Option } from '../../config/option-table.ts'
import { connectorOptions } from '../connector-options.ts'
import { keyDefinition, type KeyDefinition, type KeyWidth } from './key-definition.ts'

const options: Readonly<Record<string, Option<unknown>>> = {
  ...connectorOptions,
  'topic.creation.groups': list({
    default: [],
    meaning: 'Groups of topics that are created with settings of their own.'
  })
}

/** Group, place in it, width and title of the framework's keys, in the order of 4.3.1. */
const places: readonly (readonly [key: string, group: string, order: number, width: KeyWidth, title: string])[] = [
  ['name', 'Common', 1, 'MEDIUM', 'Connector name'],
  ['connector.class', 'Common', 2, 'LONG', 'Connector class'],
  ['connector.plugin.version', 'Common', 3, 'MEDIUM', 'Connector version'],
  ['tasks.max', 'Common', 4, 'SHORT', 'Tasks max'],
  ['tasks.max.enforce', 'Common', 5, 'SHORT', 'Enforce tasks max'],
  ['key.converter', 'Common', 6, 'SHORT', 'Key converter class'],
  ['key.converter.plugin.version', 'Common', 7, 'SHORT', 'Key converter version'],
  ['value.converter', 'Common', 8, 'SHORT', 'Value converter class'],
  ['value.converter.plugin.version', 'Common', 9, 'SHORT', 'Value converter version'],
  ['header.converter', 'Common', 10, 'SHORT', 'Header converter class'],
  ['header.converter.plugin.version', 'Common', 11, 'SHORT', 'Header converter version'],
  ['transforms', 'Transforms', 12, 'LONG', 'Transforms'],
  ['predicates', 'Predicates', 13, 'LONG', 'Predicates'],
  ['config.action.reload', 'Common', 14, 'MEDIUM', 'Reload Action'],
  ['errors.retry.timeout', 'Error Handling', 1, 'MEDIUM', 'Retry Timeout for Errors'],
  ['errors.retry.delay.max.ms', 'Error Handling', 2, 'MEDIUM', 'Maximum Delay Between Retries for Errors'],
  ['errors.tolerance', 'Error Handling', 3, 'SHORT', 'Error Tolerance'],
  ['errors.log.enable', 'Error Handling', 4, 'SHORT', 'Log Errors'],
  ['errors.log.include.messages', 'Error Handling', 5, 'SHORT', 'Log Error Details'],
  ['topic.creation.groups', 'Topic Creation', 1, 'LONG', 'Topic Creation Groups'],
  ['exactly.once.support', 'Exactly Once Support', 2, 'SHORT', 'Exactly once support'],
  ['transaction.boundary', 'Exactly Once Support', 3, 'SHORT', 'Transaction Boundary'],
  ['transaction.boundary.interval.ms', 'Exactly Once Support', 4, 'SHORT', 'Transaction boundary interval'],
  ['offsets.storage.topic', 'offsets.topic', 1, 'LONG', 'Offsets topic']
]

/** In a file the program fills them in; in a config of their own they must be there. */
const requiredKeys: readonly string[] = ['name', 'connector.class']

/**
 * What the framework defines for a source connector.
 *
 * @param defaults by key, where they depend on the worker or the connector
 */
export function frameworkDefinitions(defaults: ReadonlyMap<string, string | null>): readonly KeyDefinition[] {
  return places.flatMap(([key, group, order, width, displayName]) => {
    const option = options[key]
    if (option === undefined) return []
    const definition = keyDefinition(key, option, { group, order, width, displayName })
    const defaultValue = defaults.get(key) ?? definition.defaultValue
    return [{ ...definition, defaultValue, isRequired: requiredKeys.includes(key) }]
  })
}
