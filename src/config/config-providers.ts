import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { asError, MirrorError } from '../base/errors.ts'
import { type Findings } from './findings.ts'
import { isModuleReference } from './module-reference.ts'
import { PluginError, type PluginConstructor, type PluginLoader, type PluginShape } from './plugin-loader.ts'
import { parsePropertiesText } from './properties-file.ts'
import {
  type Properties,
  type TracedProperties,
  type TracedValue,
  untraced,
  withoutPrefix
} from './traced-properties.ts'

/** Looks up one placeholder. Undefined leaves it as it is; an error that is thrown becomes a problem of the key. */
type Lookup = (path: string | null, key: string) => string | undefined

/**
 * What an ES module named as `config.providers.<name>.class` has to export: a class that is made with the provider's
 * `param.` keys, without that prefix. There are several instances in a process, and they live as long as it does.
 */
export interface ConfigProvider {
  /**
   * Value of `${name:path:key}`; `path` is null in `${name:key}`. Undefined leaves the placeholder as it is, with a warning.
   * Synchronous: configs are resolved wherever they are looked at, in the middle of decisions that must not be interrupted.
   * Whoever has to wait for values fetches them while his module loads (top-level `await`).
   */
  get(path: string | null, key: string): string | undefined
}

export type ConfigProviderClass = PluginConstructor<[parameters: Readonly<Record<string, string>>], ConfigProvider>

/** Classes that were named by reference, or why they are not to be had. */
export type LoadedConfigProviders = ReadonlyMap<string, ConfigProviderClass | PluginError>

export type Environment = Readonly<Record<string, string | undefined>>

const javaPackage = 'org.apache.kafka.common.config.provider'

const makers: Readonly<Record<string, (parameters: Properties, env: Environment) => Lookup>> = {
  [`${javaPackage}.EnvVarConfigProvider`]: envProvider,
  [`${javaPackage}.FileConfigProvider`]: fileProvider,
  [`${javaPackage}.DirectoryConfigProvider`]: directoryProvider
}

const shape: PluginShape<ConfigProvider> = { noun: 'a config provider', methods: ['get'] }
const classKey = /(?:^|\.)config\.providers\.[^.]+\.class$/

/**
 * Loads the classes of ES modules that properties name as config providers, at the top or of a cluster, so that `declaredIn`
 * need not wait. What cannot be loaded is reported there: only a provider that is declared counts.
 */
export async function loadConfigProviders(
  properties: Properties,
  loader: PluginLoader
): Promise<LoadedConfigProviders> {
  const loaded = new Map<string, ConfigProviderClass | PluginError>()
  for (const [key, value] of properties) {
    const reference = value.trim()
    if (!classKey.test(key) || !isModuleReference(reference) || loaded.has(reference)) continue
    try {
      loaded.set(reference, await loader.load(key, reference, shape))
    } catch (thrown) {
      if (!(thrown instanceof PluginError)) throw thrown
      loaded.set(reference, thrown)
    }
  }
  return loaded
}

/** `${provider:key}` and `${provider:path:key}`, which stand for what a provider says (`config.providers`). */
export class ConfigProviders {
  readonly #providers: ReadonlyMap<string, Lookup>

  private constructor(providers: ReadonlyMap<string, Lookup>) {
    this.#providers = providers
  }

  /**
   * The providers that `config.providers` of these properties declares; a name without a class is passed over, as in Java.
   * @param loaded see loadConfigProviders
   */
  static declaredIn(
    properties: TracedProperties,
    env: Environment,
    findings: Findings,
    loaded: LoadedConfigProviders = new Map()
  ): ConfigProviders {
    const providers = new Map<string, Lookup>()
    for (const name of names(properties.get('config.providers')?.value ?? '')) {
      const named = properties.get(`config.providers.${name}.class`)
      if (named === undefined) continue
      const className = named.value.trim()
      const Loaded = loaded.get(className)
      const make = typeof Loaded === 'function' ? lookupOf(Loaded) : makers[className]
      if (make === undefined) {
        const all = `one of ${Object.keys(makers).join(', ')}, or an ES module such as ./my-provider.js#MyProvider`
        findings.problem(named.origin, named.raw, Loaded instanceof PluginError ? Loaded.problem.expected : all)
        continue
      }
      const parameters = untraced(withoutPrefix(properties, `config.providers.${name}.param.`))
      try {
        providers.set(name, make(parameters, env))
      } catch (thrown) {
        findings.problem(named.origin, named.raw, `usable parameters: ${asError(thrown).message}`)
      }
    }
    return new ConfigProviders(providers)
  }

  /** The same properties with every placeholder replaced that can be. What cannot be read is a problem of its key. */
  resolve(properties: TracedProperties, findings: Findings): TracedProperties {
    const resolved = new Map<string, TracedValue>()
    for (const [key, entry] of properties) resolved.set(key, { ...entry, value: this.#resolveValue(entry, findings) })
    return resolved
  }

  #resolveValue({ value, origin, raw }: TracedValue, findings: Findings): string {
    if (!value.includes('${')) return value
    return value.replace(placeholder, (whole, name: string, path: string | undefined, key: string) => {
      const provider = this.#providers.get(name)
      try {
        const found = provider?.(path ?? null, key)
        if (found !== undefined) return found
        const what =
          provider === undefined
            ? `no config provider is called ${name}`
            : `the config provider ${name} has no such key`
        findings.warn({ key: origin, message: `${what}; \${${name}:...} is left as it is` })
        return whole
      } catch (thrown) {
        findings.problem(origin, raw, `a value that config provider ${name} can read: ${asError(thrown).message}`)
        return whole
      }
    })
  }
}

function lookupOf(Loaded: ConfigProviderClass): (parameters: Properties) => Lookup {
  return (parameters) => {
    const provider = new Loaded(Object.fromEntries(parameters))
    return (path, key) => {
      const found: unknown = provider.get(path, key)
      if (found === undefined || typeof found === 'string') return found
      // Put into a value, a promise would read "[object Promise]".
      const what = found instanceof Promise ? 'a promise' : found === null ? 'null' : `a value of type ${typeof found}`
      throw new MirrorError('MIRROR_PLUGIN', `get answered ${what}, where a string or undefined is expected`)
    }
  }
}

/** The key may hold colons, the provider's name and the path not. */
const placeholder = /\$\{([^}:]*):(?:([^}:]*):)?([^}]*)\}/g

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function envProvider(parameters: Properties, env: Environment): Lookup {
  const pattern = parameters.get('allowlist.pattern')
  const allowed = pattern === undefined ? null : new RegExp(`^(?:${pattern})$`)
  return (path, key) => {
    if (path !== null && path !== '')
      throw new MirrorError('MIRROR_CONFIG_INVALID', 'an environment variable has no path')
    return allowed === null || allowed.test(key) ? env[key] : undefined
  }
}

function fileProvider(parameters: Properties): Lookup {
  const isAllowed = allowedPaths(parameters)
  return (path, key) => {
    if (path === null || path === '' || !isAllowed(path)) return undefined
    // In UTF-8, unlike the properties file itself.
    return parsePropertiesText(readFileSync(path, 'utf8')).get(key)
  }
}

function directoryProvider(parameters: Properties): Lookup {
  const isAllowed = allowedPaths(parameters)
  return (path, key) => {
    if (path === null || path === '' || !isAllowed(path)) return undefined
    const file = join(path, key)
    // A key is the name of a file right in the directory; anything with a path in it would get around allowed.paths.
    if (key.includes('/') || key.includes(sep) || key === '..') return undefined
    const stat = statSync(file, { throwIfNoEntry: false })
    return stat?.isFile() === true ? readFileSync(file, 'utf8') : undefined
  }
}

/** Whether `allowed.paths` lets a path be read: it must begin with one of them, element by element, after `..` is resolved. */
function allowedPaths(parameters: Properties): (path: string) => boolean {
  const text = parameters.get('allowed.paths')
  if (text === undefined || text === '') return () => true
  const allowed = text.split(',').filter(isAbsolute).map(withSeparator)
  return (path) => allowed.some((prefix) => withSeparator(path).startsWith(prefix))
}

function withSeparator(path: string): string {
  const normal = normalize(path)
  return normal.endsWith(sep) ? normal : normal + sep
}
