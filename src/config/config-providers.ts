import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { asError, MirrorError } from '../base/errors.ts'
import { type Findings } from './findings.ts'
import { parsePropertiesText } from './properties-file.ts'
import { type Properties, type TracedProperties, type TracedValue, withoutPrefix } from './traced-properties.ts'

/** Looks up one placeholder. Undefined leaves it as it is; an error that is thrown becomes a problem of the key. */
type ConfigProvider = (path: string | null, key: string) => string | undefined

export type Environment = Readonly<Record<string, string | undefined>>

const javaPackage = 'org.apache.kafka.common.config.provider'

const makers: Readonly<Record<string, (parameters: Properties, env: Environment) => ConfigProvider>> = {
  [`${javaPackage}.EnvVarConfigProvider`]: envProvider,
  [`${javaPackage}.FileConfigProvider`]: fileProvider,
  [`${javaPackage}.DirectoryConfigProvider`]: directoryProvider
}

/** `${provider:key}` and `${provider:path:key}`, which stand for what a provider says (`config.providers`). */
export class ConfigProviders {
  readonly #providers: ReadonlyMap<string, ConfigProvider>

  private constructor(providers: ReadonlyMap<string, ConfigProvider>) {
    this.#providers = providers
  }

  /** The providers that `config.providers` of these properties declares; a name without a class is passed over, as in Java. */
  static declaredIn(properties: TracedProperties, env: Environment, findings: Findings): ConfigProviders {
    const providers = new Map<string, ConfigProvider>()
    for (const name of names(properties.get('config.providers')?.value ?? '')) {
      const className = properties.get(`config.providers.${name}.class`)
      if (className === undefined) continue
      const make = makers[className.value.trim()]
      if (make === undefined) {
        findings.problem(className.origin, className.raw, `one of ${Object.keys(makers).join(', ')}`)
        continue
      }
      const parameters = new Map<string, string>()
      for (const [key, { value }] of withoutPrefix(properties, `config.providers.${name}.param.`))
        parameters.set(key, value)
      try {
        providers.set(name, make(parameters, env))
      } catch (thrown) {
        findings.problem(className.origin, className.raw, `usable parameters: ${asError(thrown).message}`)
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

/** The key may hold colons, the provider's name and the path not. */
const placeholder = /\$\{([^}:]*):(?:([^}:]*):)?([^}]*)\}/g

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function envProvider(parameters: Properties, env: Environment): ConfigProvider {
  const pattern = parameters.get('allowlist.pattern')
  const allowed = pattern === undefined ? null : new RegExp(`^(?:${pattern})$`)
  return (path, key) => {
    if (path !== null && path !== '')
      throw new MirrorError('MIRROR_CONFIG_INVALID', 'an environment variable has no path')
    return allowed === null || allowed.test(key) ? env[key] : undefined
  }
}

function fileProvider(parameters: Properties): ConfigProvider {
  const isAllowed = allowedPaths(parameters)
  return (path, key) => {
    if (path === null || path === '' || !isAllowed(path)) return undefined
    // In UTF-8, unlike the properties file itself.
    return parsePropertiesText(readFileSync(path, 'utf8')).get(key)
  }
}

function directoryProvider(parameters: Properties): ConfigProvider {
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
