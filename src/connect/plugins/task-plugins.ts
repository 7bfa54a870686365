import { Findings } from '../../config/findings.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type PluginUse, type TaskPlugins } from '../metrics/task-recorder.ts'
import { planPipeline, type PluginPlan } from '../pipeline/pipeline-config.ts'
import { type PluginType } from '../source-connector-plugin.ts'
import { type PluginRegistry } from './plugin-registry.ts'

/**
 * What a task of a resolved config converts and transforms with, for its metrics; undefined for a config that cannot be
 * used. What comes from an ES module has the version `undefined`, as plug-ins of the reference that tell none.
 */
export function taskPlugins(
  config: ConnectorConfig,
  workerConfig: ConnectorConfig,
  registry: PluginRegistry
): TaskPlugins | undefined {
  const plan = planPipeline(config, workerConfig, new Findings())
  if (plan === null) return undefined
  const use = ({ className }: PluginPlan, type: PluginType): PluginUse => {
    const { className: full, version } = registry.find(className, type) ?? { className, version: 'undefined' }
    return { className: full, version }
  }
  const aliasOf = ({ prefix }: PluginPlan): string => prefix.slice(prefix.indexOf('.') + 1, -1)
  return {
    keyConverter: use(plan.keyConverter, 'converter'),
    valueConverter: use(plan.valueConverter, 'converter'),
    headerConverter: use(plan.headerConverter, 'header_converter'),
    transforms: new Map(plan.transforms.map((each) => [aliasOf(each), use(each, 'transformation')])),
    predicates: new Map([...plan.predicates].map(([alias, each]) => [alias, use(each, 'predicate')]))
  }
}
