import { adminOptions, clientOptions, consumerOptions, producerOptions } from '../config/client-options.ts'
import { type Option } from '../config/option-table.ts'
import { securityOptions } from '../config/security-options.ts'
import { topicSettingNames } from '../config/topic-settings.ts'
import { connectorOptions } from '../connect/connector-options.ts'
import { topLevelWorkerPrefixes, workerOptions } from '../connect/worker-options.ts'
import {
  checkpointConnectorOptions,
  heartbeatConnectorOptions,
  legacyMirrorOptions,
  sourceConnectorOptions
} from '../mirror/mirror-options.ts'
import { driverOptions } from './driver-options.ts'
import { topLevelConnectorKeys } from './route-properties.ts'

/** Where a key stands: at the top level, behind an alias (`A.`), or behind a route (`A->B.`). */
export type Scope = 'top' | 'cluster' | 'route'

/** What the program does with a key. `option` is null where a pattern knows the key and no table does. */
export type KnownKey =
  | { readonly effect: 'yes'; readonly option: Option<unknown> | null }
  /** Known, but without effect here; it is to be written `instead`, where `*` is the key itself. */
  | { readonly effect: 'no'; readonly instead: string }

type AnyTable = Readonly<Record<string, Option<unknown>>>

const clientTables: Readonly<Record<'consumer' | 'producer' | 'admin', AnyTable>> = {
  consumer: { ...consumerOptions, ...securityOptions },
  producer: { ...producerOptions, ...securityOptions },
  admin: { ...adminOptions, ...securityOptions }
}
const commonTable: AnyTable = { 'bootstrap.servers': clientOptions['bootstrap.servers'], ...securityOptions }
const workerTable: AnyTable = { ...clientOptions, ...workerOptions, ...securityOptions }
const connectorTable: AnyTable = {
  ...connectorOptions,
  ...sourceConnectorOptions,
  ...checkpointConnectorOptions,
  ...heartbeatConnectorOptions,
  ...legacyMirrorOptions
}
const anyClientTable: AnyTable = { ...producerOptions, ...consumerOptions, ...adminOptions }

/** What may stand at each scope and has an effect there, by full name behind the scope's prefix. */
const effective: Readonly<Record<Scope, ReadonlyMap<string, Option<unknown>>>> = {
  top: collect([
    ['', driverOptions],
    ['', commonTable],
    ['', pick(connectorTable, (key) => topLevelConnectorKeys.has(key) || Object.hasOwn(legacyMirrorOptions, key))],
    ['', pick(workerTable, (key) => topLevelWorkerPrefixes.some((prefix) => key.startsWith(prefix)))]
  ]),
  cluster: collect([['', workerTable], ...clientPrefixes('')]),
  route: collect([
    ['', connectorTable],
    ['', securityOptions],
    ...clientPrefixes(''),
    ...clientPrefixes('source.'),
    ...clientPrefixes('target.'),
    ...clientPrefixes('', '.override'),
    ['source.cluster.', commonTable],
    ['target.cluster.', commonTable]
  ])
}

/** Families of keys that no table lists one by one. */
const providerKeys = /^config\.providers(\.[^.]+\.(class|param\..+))?$/
const converterKeys = /^(key|value|header)\.converter\..+$/
const transformKeys = /^(transforms|predicates)\.[^.]+\..+$/
const topicCreationKeys = /^topic\.creation\.(groups|[^.]+\.(?:include|exclude|partitions|replication\.factor|(.+)))$/
const storageKeys = /^(?:offset|config|status)\.storage\.(.+)$/
const listenerKeys = /^(admin\.)?listeners\.https\..+$/

export function knownKey(scope: Scope, name: string): KnownKey | undefined {
  const option = effective[scope].get(name)
  if (option !== undefined) return { effect: 'yes', option }
  if (isPattern(scope, name)) return { effect: 'yes', option: null }
  const instead = placeInstead(scope, name)
  return instead === undefined ? undefined : { effect: 'no', instead }
}

/** Every name that a table knows at a scope: what a misspelt one is compared with. */
export function knownNames(scope: Scope): Iterable<string> {
  return effective[scope].keys()
}

function isPattern(scope: Scope, name: string): boolean {
  if (providerKeys.test(name) || converterKeys.test(name)) return true
  const storageSetting = storageKeys.exec(name)?.[1]
  if (storageSetting !== undefined) return scope !== 'route' && topicSettingNames.includes(storageSetting)
  if (scope === 'top') return listenerKeys.test(name)
  return scope === 'route' && isFrameworkPattern(name)
}

function isFrameworkPattern(name: string): boolean {
  if (transformKeys.test(name)) return true
  const match = topicCreationKeys.exec(name)
  return match !== null && (match[2] === undefined || topicSettingNames.includes(match[2]))
}

const onlyTop = 'at the top level: *'
const onlyTarget = 'with the alias of the target in front: B.*'
const onlyRoute = 'with the route in front: A->B.*'
const onlyClient = 'for a kind of client of a cluster: A.consumer.*, A.producer.* or A.admin.*'
const clientPrefix = /^(consumer|producer|admin)\.(override\.)?(.+)$/

function placeInstead(scope: Scope, name: string): string | undefined {
  if (scope === 'top') return topInstead(name)
  if (Object.hasOwn(driverOptions, name) || listenerKeys.test(name)) return onlyTop
  if (scope === 'cluster' && (Object.hasOwn(connectorTable, name) || isFrameworkPattern(name))) return onlyRoute
  if (scope === 'cluster' && clientPrefix.test(name) && clientPrefix.exec(name)?.[2] !== undefined) return onlyRoute
  if (scope === 'route' && (Object.hasOwn(workerOptions, name) || storageKeys.test(name))) return onlyTarget
  return Object.hasOwn(anyClientTable, name) ? onlyClient : undefined
}

function topInstead(name: string): string | undefined {
  if (Object.hasOwn(workerOptions, name)) return onlyTarget
  const [, kind, override, rest] = clientPrefix.exec(name) ?? []
  if (rest !== undefined && (kind === 'consumer' || kind === 'producer' || kind === 'admin')) {
    if (Object.hasOwn(clientTables[kind], rest))
      return override === undefined ? 'with an alias in front: A.*' : onlyRoute
  }
  if (Object.hasOwn(connectorTable, name) || isFrameworkPattern(name) || effective.route.has(name)) return onlyRoute
  return Object.hasOwn(anyClientTable, name) ? onlyClient : undefined
}

function clientPrefixes(before: string, after = ''): [string, AnyTable][] {
  return Object.entries(clientTables).map(([kind, table]) => [`${before}${kind}${after}.`, table])
}

function collect(tables: readonly (readonly [string, AnyTable])[]): ReadonlyMap<string, Option<unknown>> {
  const result = new Map<string, Option<unknown>>()
  for (const [prefix, table] of tables) {
    for (const [key, option] of Object.entries(table)) if (!result.has(prefix + key)) result.set(prefix + key, option)
  }
  return result
}

function pick(table: AnyTable, keep: (key: string) => boolean): AnyTable {
  return Object.fromEntries(Object.entries(table).filter(([key]) => keep(key)))
}
