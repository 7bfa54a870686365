import { type PluginConstructor, type PluginLoader, type PluginShape } from '../../config/plugin-loader.ts'
import {
  type Converter,
  type HeaderConverter,
  type PluginConfig,
  type Predicate,
  type Transformation
} from '../data/plugin-interfaces.ts'
import { type RecordPluginLoader } from '../pipeline/create-batch-pipeline.ts'

const transformation: PluginShape<Transformation> = { noun: 'a transformation', methods: ['apply'] }
const predicate: PluginShape<Predicate> = { noun: 'a predicate', methods: ['test'] }
const converter: PluginShape<Converter> = { noun: 'a converter', methods: ['fromConnectData'] }
const headerConverter: PluginShape<HeaderConverter> = { noun: 'a header converter', methods: ['fromConnectHeader'] }

/** Transformations, predicates and converters of ES modules. */
export function modulePlugins(loader: PluginLoader): RecordPluginLoader {
  const load =
    <Plugin>(key: string, shape: PluginShape<Plugin>) =>
    async (className: string): Promise<PluginConstructor<[PluginConfig], Plugin>> =>
      await loader.load<[PluginConfig], Plugin>(key, className, shape)
  return {
    transformation: load('transforms.*.type', transformation),
    predicate: load('predicates.*.type', predicate),
    converter: load('key.converter or value.converter', converter),
    headerConverter: load('header.converter', headerConverter)
  }
}
