import { parseList } from '../../config/java-values.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { predicateOptions, transformOptions } from '../pipeline/pipeline-config.ts'
import { type PluginOptions, type PluginRegistry, type RegisteredPlugin } from '../plugins/plugin-registry.ts'
import { keyDefinition, type KeyDefinition } from './key-definition.ts'

interface AliasKind {
  /** The key that lists the aliases. */
  readonly list: 'transforms' | 'predicates'
  readonly type: 'transformation' | 'predicate'
  readonly group: string
  readonly noun: string
  readonly before: PluginOptions
  /** Behind the keys of the class. */
  readonly after: PluginOptions
}

const kinds: readonly AliasKind[] = [
  {
    list: 'transforms',
    type: 'transformation',
    group: 'Transforms',
    noun: 'Transformation',
    before: { type: transformOptions.type, 'plugin.version': transformOptions['plugin.version'] },
    after: { negate: transformOptions.negate, predicate: transformOptions.predicate }
  },
  {
    list: 'predicates',
    type: 'predicate',
    group: 'Predicates',
    noun: 'Predicate',
    before: predicateOptions,
    after: {}
  }
]

/** A transform or predicate that a config names. */
export interface AliasedPlugin {
  readonly type: 'transformation' | 'predicate'
  /** `transforms.a.` */
  readonly prefix: string
  readonly className: string | null
  /** Undefined: not built in, or nothing at all. */
  readonly plugin: RegisteredPlugin | undefined
  readonly definitions: readonly KeyDefinition[]
}

/** Transforms, then predicates, each in the order of its list. */
export function aliasedPlugins(config: ConnectorConfig, registry: PluginRegistry): readonly AliasedPlugin[] {
  return kinds.flatMap((kind) => {
    const aliases = parseList(config[kind.list] ?? '')
    return aliases.ok ? aliases.value.map((alias) => aliasedPlugin(kind, alias, config, registry)) : []
  })
}

function aliasedPlugin(
  kind: AliasKind,
  alias: string,
  config: ConnectorConfig,
  registry: PluginRegistry
): AliasedPlugin {
  const prefix = `${kind.list}.${alias}.`
  const className = config[`${prefix}type`] ?? null
  const plugin = className === null ? undefined : registry.find(className, kind.type)
  const group = `${kind.group}: ${alias}`
  const titles: Readonly<Record<string, string>> = {
    type: `${kind.noun} type for ${alias}`,
    'plugin.version': `${kind.noun} version for ${alias}`
  }
  const options = Object.entries({ ...kind.before, ...plugin?.options, ...kind.after })
  const definitions = options.map(([key, option], order) => {
    const title = titles[key]
    const place = { group, order, width: title === undefined ? 'NONE' : 'LONG', displayName: title ?? key } as const
    const definition = keyDefinition(`${prefix}${key}`, option, place)
    return key === 'plugin.version' ? { ...definition, defaultValue: plugin?.version ?? null } : definition
  })
  return { type: kind.type, prefix, className, plugin, definitions }
}
