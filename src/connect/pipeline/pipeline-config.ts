import { type Findings } from '../../config/findings.ts'
import { boolean, required, string } from '../../config/option-table.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { traced, type TracedProperties, withoutPrefix } from '../../config/traced-properties.ts'
import { connectorBaseOptions } from '../connector-options.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { byteArrayConverterClass } from '../converters/converter-table.ts'
import { type ErrorSettings } from './error-handler.ts'

/** A class and its own keys. */
export interface PluginPlan {
  readonly className: string
  /** The key that names the class. */
  readonly key: string
  readonly properties: TracedProperties
  /** What stands in front of its keys in the config. */
  readonly prefix: string
}

export interface TransformPlan extends PluginPlan {
  /** Alias of a predicate, which is in `predicates`. */
  readonly predicate: string | null
  readonly negate: boolean
}

/** What a connector's config says of its pipeline, before any class is made. */
export interface PipelinePlan {
  readonly transforms: readonly TransformPlan[]
  readonly predicates: ReadonlyMap<string, PluginPlan>
  readonly keyConverter: PluginPlan
  readonly valueConverter: PluginPlan
  readonly headerConverter: PluginPlan
  readonly errors: ErrorSettings
}

const aliasOptions = {
  transforms: connectorBaseOptions.transforms,
  predicates: connectorBaseOptions.predicates
}

const errorOptions = {
  'errors.retry.timeout': connectorBaseOptions['errors.retry.timeout'],
  'errors.retry.delay.max.ms': connectorBaseOptions['errors.retry.delay.max.ms'],
  'errors.tolerance': connectorBaseOptions['errors.tolerance'],
  'errors.log.enable': connectorBaseOptions['errors.log.enable'],
  'errors.log.include.messages': connectorBaseOptions['errors.log.include.messages']
}

/** Keys of each alias that are the framework's, not the class's. */
export const transformOptions = {
  type: string({ default: required, importance: 'high', meaning: 'Class of the transform.' }),
  predicate: string({ default: null, meaning: 'Alias of the predicate that decides which records it applies to.' }),
  negate: boolean({ default: false, meaning: 'Whether it applies to the others.' }),
  'plugin.version': string({
    default: null,
    status: { ignored: 'plug-ins have one version here' },
    meaning: 'Version of the class.'
  })
}

export const predicateOptions = {
  type: string({ default: required, importance: 'high', meaning: 'Class of the predicate.' }),
  'plugin.version': transformOptions['plugin.version']
}

/** Null when there are problems, which are in `findings` then. Null values of the config count as absent. */
export function planPipeline(
  config: ConnectorConfig,
  workerConfig: ConnectorConfig,
  findings: Findings
): PipelinePlan | null {
  const properties = propertiesOf(config)
  const worker = propertiesOf(workerConfig)
  const aliases = parseOptions(aliasOptions, properties, findings)
  const errors = parseOptions(errorOptions, properties, findings)
  if (aliases === null || errors === null) return null
  refuseDuplicates(properties, findings)
  const predicates = new Map<string, PluginPlan>()
  for (const alias of aliases.predicates) {
    const plan = planPredicate(alias, properties, findings)
    if (plan !== null) predicates.set(alias, plan)
  }
  const transforms = aliases.transforms.map((alias) => planTransform(alias, properties, aliases.predicates, findings))
  const found = transforms.filter((plan) => plan !== null)
  if (findings.problems.length > 0) return null
  return {
    transforms: found,
    predicates,
    keyConverter: planConverter('key', properties, worker),
    valueConverter: planConverter('value', properties, worker),
    headerConverter: planConverter('header', properties, worker),
    errors: {
      retryTimeoutMs: errors['errors.retry.timeout'],
      retryDelayMaxMs: errors['errors.retry.delay.max.ms'],
      tolerance: errors['errors.tolerance'],
      isLogged: errors['errors.log.enable'],
      includesMessages: errors['errors.log.include.messages']
    }
  }
}

function propertiesOf(config: ConnectorConfig): TracedProperties {
  const entries = Object.entries(config)
  return traced(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])))
}

/** Two transforms of one alias would be one twice: the reference refuses that, where other lists drop what is repeated. */
function refuseDuplicates(properties: TracedProperties, findings: Findings): void {
  for (const key of ['transforms', 'predicates']) {
    const text = properties.get(key)?.raw ?? ''
    const aliases = text.split(',').map((alias) => alias.trim())
    if (new Set(aliases).size < aliases.length) findings.problem(key, text, 'each alias once')
  }
}

function planPredicate(alias: string, properties: TracedProperties, findings: Findings): PluginPlan | null {
  const prefix = `predicates.${alias}.`
  const own = withoutPrefix(properties, prefix)
  const options = parseOptions(predicateOptions, own, findings, (key) => `${prefix}${key}`)
  if (options === null) return null
  return { className: options.type, key: `${prefix}type`, properties: ownKeys(own, predicateOptions), prefix }
}

function planTransform(
  alias: string,
  properties: TracedProperties,
  predicates: readonly string[],
  findings: Findings
): TransformPlan | null {
  const prefix = `transforms.${alias}.`
  const own = withoutPrefix(properties, prefix)
  const options = parseOptions(transformOptions, own, findings, (key) => `${prefix}${key}`)
  if (options === null) return null
  const { type, predicate, negate } = options
  if (predicate !== null && !predicates.includes(predicate)) {
    findings.problem(`${prefix}predicate`, predicate, 'an alias of the list predicates')
  }
  if (predicate === null && own.has('negate')) {
    findings.problem(`${prefix}negate`, own.get('negate')?.raw ?? '', 'to be absent where there is no predicate')
  }
  const plugin = { className: type, key: `${prefix}type`, properties: ownKeys(own, transformOptions), prefix }
  return { ...plugin, predicate, negate }
}

function ownKeys(properties: TracedProperties, framework: object): TracedProperties {
  return new Map([...properties].filter(([key]) => !Object.hasOwn(framework, key)))
}

/** The connector's converter with the connector's keys, else the worker's with the worker's: never mixed. */
function planConverter(
  kind: 'key' | 'value' | 'header',
  properties: TracedProperties,
  worker: TracedProperties
): PluginPlan {
  const key = `${kind}.converter`
  const source = properties.has(key) ? properties : worker
  const prefix = `${key}.`
  const className = source.get(key)?.value ?? byteArrayConverterClass
  const own = ownKeys(withoutPrefix(source, prefix), { 'plugin.version': null })
  return { className, key, properties: new Map([...own, ...traced([['converter.type', kind]])]), prefix }
}
