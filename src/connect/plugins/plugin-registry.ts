import { isModuleReference } from '../../config/module-reference.ts'
import { type Option } from '../../config/option-table.ts'
import { type PluginLoader } from '../../config/plugin-loader.ts'
import { builtInConverters, builtInHeaderConverters } from '../converters/converter-table.ts'
import { namesOf } from '../data/built-in.ts'
import { type PluginDescription, type PluginType, type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { builtInPredicates } from '../transforms/predicates.ts'
import { builtInTransformations } from '../transforms/transformation-table.ts'
import { moduleConnector } from './module-connector.ts'

/** The keys that a plug-in has of its own. */
export type PluginOptions = Readonly<Record<string, Option<unknown>>>

/** A connector class and the table its keys are documented by. */
export interface ConnectorRegistration {
  readonly plugin: SourceConnectorPlugin
  readonly options: PluginOptions
}

export interface RegisteredPlugin extends PluginDescription {
  readonly options: PluginOptions
}

/** What the name of a class may end in, and in the order in which the kinds are listed. */
const suffixes: Readonly<Record<PluginType, string>> = {
  source: 'Connector',
  transformation: 'Transformation',
  predicate: 'Predicate',
  converter: 'Converter',
  header_converter: 'HeaderConverter'
}

/** Every plug-in that is known without loading anything, by class name and alias (spec 6.1.3). */
export class PluginRegistry {
  readonly #plugins: readonly RegisteredPlugin[]
  readonly #connectors: ReadonlyMap<string, ConnectorRegistration>
  readonly #loader: PluginLoader | undefined
  /** What each name may mean: class names. */
  readonly #names: ReadonlyMap<string, ReadonlySet<string>>

  /**
   * @param version what the built-in converters, transformations and predicates say of themselves
   * @param loader for connectors of ES modules; without it there are none
   */
  constructor(connectors: readonly ConnectorRegistration[], version: string, loader?: PluginLoader) {
    const builtIns = (
      type: PluginType,
      list: readonly { readonly className: string; readonly options: PluginOptions }[]
    ): RegisteredPlugin[] => list.map(({ className, options }) => ({ className, type, version, options }))
    this.#loader = loader
    this.#connectors = new Map(connectors.map((each) => [each.plugin.className, each]))
    this.#plugins = [
      ...connectors.map(({ plugin: { className, type, version: own }, options }) => {
        return { className, type, version: own, options }
      }),
      ...builtIns('transformation', builtInTransformations),
      ...builtIns('predicate', builtInPredicates),
      ...builtIns('converter', builtInConverters),
      ...builtIns('header_converter', builtInHeaderConverters)
    ]
    this.#names = classesByName(this.#plugins)
  }

  findConnector(name: string): SourceConnectorPlugin | undefined {
    return this.connector(name)?.plugin
  }

  /** By class name, alias or module; whether there is such a module shows when it is validated or started. */
  connector(name: string): ConnectorRegistration | undefined {
    const known = this.#connectors.get(this.find(name, 'source')?.className ?? '')
    if (known !== undefined || this.#loader === undefined || !isModuleReference(name)) return known
    return { plugin: moduleConnector(name, this.#loader), options: {} }
  }

  /** By class name, or by an alias that means one class alone. */
  find(name: string, type?: PluginType): RegisteredPlugin | undefined {
    const meant = [...(this.#names.get(name) ?? [])]
    if (meant.length !== 1) return undefined
    return this.#plugins.find((plugin) => plugin.className === meant[0] && (type ?? plugin.type) === plugin.type)
  }

  /** Full class names of a kind, sorted. */
  classNames(type: PluginType): readonly string[] {
    return this.#plugins.flatMap((plugin) => (plugin.type === type ? [plugin.className] : [])).sort()
  }

  /** For GET /connector-plugins: connectors first, each kind by name. */
  descriptions(): readonly PluginDescription[] {
    const kinds = Object.keys(suffixes)
    return this.#plugins
      .map(({ className, type, version }) => ({ className, type, version }))
      .sort((a, b) => kinds.indexOf(a.type) - kinds.indexOf(b.type) || (a.className < b.className ? -1 : 1))
  }
}

/** One class of two kinds is one meaning. */
function classesByName(plugins: readonly RegisteredPlugin[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const { className, type } of plugins) {
    for (const name of namesOf(className, suffixes[type])) {
      names.set(name, (names.get(name) ?? new Set()).add(className))
    }
  }
  return names
}
