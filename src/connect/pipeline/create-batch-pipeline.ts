import { type Clock } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { ConfigError, type ConfigProblem } from '../../config/config-error.ts'
import { Findings } from '../../config/findings.ts'
import { PluginError } from '../../config/plugin-loader.ts'
import { untraced } from '../../config/traced-properties.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { convertersByName, headerConvertersByName } from '../converters/converter-table.ts'
import { type BuiltIn } from '../data/built-in.ts'
import {
  type Converter,
  type HeaderConverter,
  type PluginClass,
  type Predicate,
  type Transformation
} from '../data/plugin-interfaces.ts'
import { predicatesByName } from '../transforms/predicates.ts'
import { transformationsByName } from '../transforms/transformation-table.ts'
import { type BatchPipeline } from './batch-pipeline.ts'
import { ErrorHandler } from './error-handler.ts'
import { type ErrorObserver } from './error-observer.ts'
import { type PipelinePlan, planPipeline, type PluginPlan } from './pipeline-config.ts'
import { type ConverterSet, isRaw, type Named, TransformStep } from './pipeline-step.ts'
import { RecordPipeline } from './record-pipeline.ts'

/** Finds classes that are not built in: `./my-transform.js#MyTransform`. Rejects with MirrorError MIRROR_PLUGIN. */
export interface RecordPluginLoader {
  transformation(className: string): Promise<PluginClass<Transformation>>
  predicate(className: string): Promise<PluginClass<Predicate>>
  converter(className: string): Promise<PluginClass<Converter>>
  headerConverter(className: string): Promise<PluginClass<HeaderConverter>>
}

export interface BatchPipelineOptions {
  /** The worker's properties: its converters stand in where the connector names none. */
  readonly workerConfig: ConnectorConfig
  readonly loader: RecordPluginLoader
  /** For log lines: `<connector>-<task number>`. */
  readonly taskId: string
  readonly observer: ErrorObserver
  /** Aborted when the task shall stop: ends the waits between retries. */
  readonly stopping: AbortSignal
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * The pipeline of a task, from its connector's config with placeholders resolved. Null when batches pass as they are: no
 * transforms, and ByteArrayConverter for keys, values and headers. Rejects with ConfigError or MirrorError MIRROR_PLUGIN.
 */
export async function createBatchPipeline(
  config: ConnectorConfig,
  options: BatchPipelineOptions
): Promise<BatchPipeline | null> {
  const { workerConfig, loader, logger, taskId } = options
  const findings = new Findings()
  const plan = planPipeline(config, workerConfig, findings)
  if (plan === null) throw new ConfigError(findings.problems)
  for (const warning of findings.warnings) logger.warn({ task: taskId, key: warning.key }, warning.message)
  const plugins = new PluginMaker(findings)
  const close = (): void => {
    plugins.close((thrown) => {
      logger.warn({ task: taskId, err: asError(thrown) }, 'A plug-in of the task did not close cleanly')
    })
  }
  try {
    const transforms = await makeTransforms(plan, plugins, loader)
    const converters = await makeConverters(plan, plugins, loader)
    if (transforms.length === 0 && isRaw(converters)) return null
    const errors = new ErrorHandler({ ...options, settings: plan.errors })
    return new RecordPipeline({ transforms, converters, errors, close })
  } catch (thrown) {
    close()
    throw thrown
  }
}

async function makeTransforms(
  plan: PipelinePlan,
  plugins: PluginMaker,
  loader: RecordPluginLoader
): Promise<TransformStep[]> {
  const predicates = new Map<string, Named<Predicate>>()
  for (const [alias, predicate] of plan.predicates) {
    predicates.set(alias, await plugins.make(predicate, predicatesByName, (name) => loader.predicate(name)))
  }
  const steps: TransformStep[] = []
  for (const transform of plan.transforms) {
    const transformation = await plugins.make(transform, transformationsByName, (name) => loader.transformation(name))
    const predicate = transform.predicate === null ? null : (predicates.get(transform.predicate) ?? null)
    steps.push(new TransformStep({ transformation, predicate, negate: transform.negate }))
  }
  return steps
}

async function makeConverters(
  plan: PipelinePlan,
  plugins: PluginMaker,
  loader: RecordPluginLoader
): Promise<ConverterSet> {
  const load = (name: string): Promise<PluginClass<Converter>> => loader.converter(name)
  return {
    key: await plugins.make(plan.keyConverter, convertersByName, load),
    value: await plugins.make(plan.valueConverter, convertersByName, load),
    header: await plugins.make(plan.headerConverter, headerConvertersByName, (name) => loader.headerConverter(name))
  }
}

/** Everything wrong with transforms, predicates and converters of a config, but for classes that would have to be loaded. */
export function pipelineProblems(config: ConnectorConfig, workerConfig: ConnectorConfig): readonly ConfigProblem[] {
  const findings = new Findings()
  const plan = planPipeline(config, workerConfig, findings)
  if (plan === null) return findings.problems
  for (const predicate of plan.predicates.values()) checkBuiltIn(predicate, predicatesByName, findings)
  for (const transform of plan.transforms) checkBuiltIn(transform, transformationsByName, findings)
  for (const converter of [plan.keyConverter, plan.valueConverter]) checkBuiltIn(converter, convertersByName, findings)
  checkBuiltIn(plan.headerConverter, headerConvertersByName, findings)
  return findings.problems
}

type ByName<Plugin> = ReadonlyMap<string, BuiltIn<Plugin>>

function checkBuiltIn({ className, properties, prefix }: PluginPlan, builtIns: ByName<unknown>, to: Findings): void {
  builtIns.get(className)?.create(properties, to, (key) => `${prefix}${key}`)
}

function construct<Plugin>(Loaded: PluginClass<Plugin>, { className, key, properties }: PluginPlan): Plugin {
  try {
    return new Loaded(Object.fromEntries(untraced(properties)))
  } catch (thrown) {
    const expected = `a class that can be made; its constructor threw: ${asError(thrown).message}`
    throw new PluginError({ key, value: className, expected }, thrown)
  }
}

/** Makes plug-ins and remembers them, to close each once. */
class PluginMaker {
  readonly #findings: Findings
  readonly #made: { close?(): void }[] = []

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** Built in, or loaded. */
  async make<Plugin extends { close?(): void }>(
    plan: PluginPlan,
    builtIns: ByName<Plugin>,
    load: (className: string) => Promise<PluginClass<Plugin>>
  ): Promise<Named<Plugin>> {
    const { className, properties, prefix } = plan
    const builtIn = builtIns.get(className)
    const plugin =
      builtIn === undefined
        ? construct(await load(className), plan)
        : builtIn.create(properties, this.#findings, (key) => `${prefix}${key}`)
    if (plugin === null) throw new ConfigError(this.#findings.problems)
    this.#made.push(plugin)
    return { className: builtIn?.className ?? className, plugin }
  }

  close(failed: (thrown: unknown) => void): void {
    for (const plugin of this.#made.splice(0)) {
      try {
        plugin.close?.()
      } catch (thrown) {
        failed(thrown)
      }
    }
  }
}
