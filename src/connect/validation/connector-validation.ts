import { asError } from '../../base/errors.ts'
import { describeProblem } from '../../config/config-error.ts'
import { Findings, isSecret, maskedValue } from '../../config/findings.ts'
import { javaTrim } from '../../config/java-values.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { RequestError } from '../herder/request-error.ts'
import { pipelineProblems, type RecordPluginLoader } from '../pipeline/create-batch-pipeline.ts'
import { type ConfigProblem } from '../source-connector-plugin.ts'
import { type ConnectorRegistration, type PluginOptions, type PluginRegistry } from '../plugins/plugin-registry.ts'
import { type JsonValue } from '../storage/jackson-json.ts'
import { refusedOverrides, type ClientOverridePolicy } from '../worker/client-override-policy.ts'
import { requirePluginVersion } from '../worker/plugin-version.ts'
import { TopicCreationRules, type CompilePattern } from '../worker/topic-creation.ts'
import { aliasedPlugins, type AliasedPlugin } from './alias-definitions.ts'
import { frameworkDefinitions } from './framework-definitions.ts'
import { definitionJson, keyDefinition, type DefinedKey, type KeyDefinition } from './key-definition.ts'
import { clientOverrides } from './client-overrides.ts'
import { ProblemCollection } from './problem-collection.ts'
import { problemsOf, validationJson, type ValidatedKey, type ValidationResult } from './validation-result.ts'

export interface ConnectorValidationOptions {
  readonly registry: PluginRegistry
  /** Classes that are not built in. */
  readonly loader: RecordPluginLoader
  /** The worker's properties: its converters are the defaults. */
  readonly workerConfig: ConnectorConfig
  readonly overridePolicy: ClientOverridePolicy
  /** Sets the placeholders of a config in. Throws ConfigError. */
  readonly resolve: (config: ConnectorConfig) => ConnectorConfig
  readonly compilePattern: CompilePattern
}

const converterKinds = ['header', 'key', 'value'] as const

/** Validates connector configs as the reference does (spec 6.2), for the REST API and before a config is stored. */
export class ConnectorValidation {
  readonly #options: ConnectorValidationOptions

  constructor(options: ConnectorValidationOptions) {
    this.#options = options
  }

  /** Body of `PUT …/config/validate`. Rejects as `result` does. */
  async validate(config: ConnectorConfig): Promise<JsonValue> {
    return validationJson(await this.result(config))
  }

  /** What keeps a config from being stored; empty when nothing does. Rejects as `result` does. */
  async problems(config: ConnectorConfig): Promise<readonly ConfigProblem[]> {
    return problemsOf(await this.result(config))
  }

  /** Rejects with RequestError `badRequest` where the class is not to be had or placeholders cannot be set in. */
  async result(config: ConnectorConfig): Promise<ValidationResult> {
    const name = config['connector.class'] ?? ''
    const registration = this.#options.registry.connector(name)
    if (registration === undefined) {
      const known = this.#options.registry.classNames('source').join(', ')
      throw new RequestError('badRequest', `connector.class = ${name}: expected one of ${known}`)
    }
    const resolved = this.#resolve(config)
    const problems = new ProblemCollection()
    const definitions = this.#connectorDefinitions(registration)
    const aliases = aliasedPlugins(resolved, this.#options.registry)
    if (this.#checkVersion(resolved, registration, problems)) {
      checkFramework(config, resolved, definitions.framework, problems)
      await this.#checkPlugins(resolved, aliases, problems)
      this.#checkClients(resolved, problems)
      for (const { key, message } of await registration.plugin.validate(resolved)) problems.add(key, message)
    }
    const validated = (key: DefinedKey): ValidatedKey => this.#validated(key, config, problems)
    const main = [...definitions.framework, ...aliases.flatMap((alias) => alias.definitions), ...definitions.own]
    const apart = [...clientOverrides(config), ...this.#converterDefinitions(resolved).map(defined)]
    const listed = new Set([...main, ...apart].map((key) => key.name))
    const others = problems.keys.filter((key) => !listed.has(key)).map((key) => ({ name: key, definition: null }))
    return {
      name,
      keys: [...others, ...main.map(defined)].map(validated),
      clientAndConverterKeys: apart.map(validated)
    }
  }

  /**
   * Body of `GET /connector-plugins/{plugin}/config`. Rejects with RequestError: `notFound` for an unknown plug-in,
   * `badRequest` where it is not of the version asked for.
   */
  async definitions(plugin: string, version: string | undefined): Promise<readonly JsonValue[]> {
    await Promise.resolve()
    const { registry } = this.#options
    const found = registry.find(plugin)
    if (found === undefined) throw new RequestError('notFound', `Unknown plug-in ${plugin}`)
    try {
      requirePluginVersion('version', version, found.version)
    } catch (thrown) {
      throw new RequestError('badRequest', asError(thrown).message, { cause: thrown })
    }
    const registration = found.type === 'source' ? registry.connector(found.className) : undefined
    if (registration === undefined) return plainDefinitions('', found.options).map(definitionJson)
    const { framework, own } = this.#connectorDefinitions(registration)
    return [...framework, ...own].map(definitionJson)
  }

  #resolve(config: ConnectorConfig): ConnectorConfig {
    try {
      return this.#options.resolve(config)
    } catch (thrown) {
      throw new RequestError('badRequest', asError(thrown).message, { cause: thrown })
    }
  }

  #connectorDefinitions({ plugin, options }: ConnectorRegistration): {
    readonly framework: readonly KeyDefinition[]
    readonly own: readonly KeyDefinition[]
  } {
    const { workerConfig } = this.#options
    const defaults = new Map<string, string | null>([['connector.plugin.version', plugin.version]])
    for (const kind of converterKinds) {
      for (const key of [`${kind}.converter`, `${kind}.converter.plugin.version`]) {
        defaults.set(key, workerConfig[key] ?? null)
      }
    }
    const framework = frameworkDefinitions(defaults)
    const known = new Set(framework.map((definition) => definition.name))
    return { framework, own: plainDefinitions('', options).filter((definition) => !known.has(definition.name)) }
  }

  /** False where the connector is not of the version asked for: then nothing else is looked at. */
  #checkVersion(config: ConnectorConfig, { plugin }: ConnectorRegistration, problems: ProblemCollection): boolean {
    const key = 'connector.plugin.version'
    try {
      requirePluginVersion(key, config[key], plugin.version)
      return true
    } catch (thrown) {
      problems.addError(key, thrown)
      problems.add('connector.class', asError(thrown).message)
      return false
    }
  }

  async #checkPlugins(
    config: ConnectorConfig,
    aliases: readonly AliasedPlugin[],
    problems: ProblemCollection
  ): Promise<void> {
    const { registry, loader, workerConfig, compilePattern } = this.#options
    problems.addAll(pipelineProblems(config, workerConfig))
    const load = async (key: string, loading: Promise<unknown>): Promise<void> => {
      await loading.catch((thrown: unknown) => {
        problems.addError(key, thrown)
      })
    }
    for (const { type, prefix, className, plugin } of aliases) {
      if (className !== null && plugin === undefined) await load(`${prefix}type`, loader[type](className))
      else versionChecked(`${prefix}plugin.version`, plugin?.version, config, problems)
    }
    for (const kind of converterKinds) {
      const key = `${kind}.converter`
      const className = config[key]
      if (className == null) continue
      const isOfHeaders = kind === 'header'
      const plugin = registry.find(className, isOfHeaders ? 'header_converter' : 'converter')
      if (plugin !== undefined) versionChecked(`${key}.plugin.version`, plugin.version, config, problems)
      else await load(key, isOfHeaders ? loader.headerConverter(className) : loader.converter(className))
    }
    try {
      TopicCreationRules.of(config, compilePattern)
    } catch (thrown) {
      problems.addError('topic.creation.groups', thrown)
    }
  }

  #checkClients(config: ConnectorConfig, problems: ProblemCollection): void {
    const findings = new Findings()
    refusedOverrides(config, this.#options.overridePolicy, findings)
    problems.addAll(findings.problems)
  }

  /** Of converters that the connector names itself. */
  #converterDefinitions(config: ConnectorConfig): readonly KeyDefinition[] {
    return converterKinds.flatMap((kind) => {
      const className = config[`${kind}.converter`]
      if (className == null) return []
      const plugin = this.#options.registry.find(className, kind === 'header' ? 'header_converter' : 'converter')
      return plugin === undefined ? [] : plainDefinitions(`${kind}.converter.`, plugin.options)
    })
  }

  #validated({ name, definition }: DefinedKey, config: ConnectorConfig, problems: ProblemCollection): ValidatedKey {
    const given = config[name]
    const value = given === undefined ? (definition?.defaultValue ?? null) : given === null ? null : javaTrim(given)
    const isMasked = value !== null && (definition?.option.type === 'PASSWORD' || isSecret(name))
    return {
      name,
      definition,
      value: isMasked ? maskedValue : value,
      recommended: definition === null ? [] : this.#recommended(name, definition),
      errors: problems.of(name)
    }
  }

  #recommended(name: string, { defaultValue }: KeyDefinition): readonly string[] {
    const { registry } = this.#options
    if (name.endsWith('.plugin.version')) return defaultValue === null ? [] : [defaultValue]
    if (name === 'header.converter') return registry.classNames('header_converter')
    if (name === 'key.converter' || name === 'value.converter') return registry.classNames('converter')
    if (/^transforms\..+\.type$/.test(name)) return registry.classNames('transformation')
    return /^predicates\..+\.type$/.test(name) ? registry.classNames('predicate') : []
  }
}

/** Values that are null, that a required key has none of, or that are not of the key's type. */
function checkFramework(
  config: ConnectorConfig,
  resolved: ConnectorConfig,
  definitions: readonly KeyDefinition[],
  problems: ProblemCollection
): void {
  for (const [key, value] of Object.entries(config)) if (value === null) problems.add(key, `${key}: null is no value`)
  for (const { name, option, isRequired } of definitions) {
    const value = resolved[name]
    if (value == null) {
      if (isRequired) problems.addAll([{ key: name, value: null, expected: option.valid ?? 'a value' }])
      continue
    }
    const parsed = option.parse(value)
    // converters and aliases are checked with what they stand for
    if (!parsed.ok && option.type !== 'CLASS') {
      problems.add(name, describeProblem({ key: name, value: config[name] ?? null, expected: parsed.expected }))
    }
  }
}

function versionChecked(
  key: string,
  version: string | undefined,
  config: ConnectorConfig,
  problems: ProblemCollection
): void {
  if (version === undefined) return
  try {
    requirePluginVersion(key, config[key], version)
  } catch (thrown) {
    problems.addError(key, thrown)
  }
}

const defined = (definition: KeyDefinition): DefinedKey => ({ name: definition.name, definition })

function plainDefinitions(prefix: string, options: PluginOptions): readonly KeyDefinition[] {
  return Object.entries(options).map(([key, option]) => keyDefinition(`${prefix}${key}`, option))
}
