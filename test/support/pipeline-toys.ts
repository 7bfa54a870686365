import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { type ConnectorConfig } from '../../src/connect/connector-config.ts'
import { type PluginConfig, type Transformation } from '../../src/connect/data/plugin-interfaces.ts'
import { type BatchPipeline } from '../../src/connect/pipeline/batch-pipeline.ts'
import { createBatchPipeline, type RecordPluginLoader } from '../../src/connect/pipeline/create-batch-pipeline.ts'
import { type SourceBatch } from '../../src/connect/source-batch.ts'
import { decodeBatch, encodeBatch, type RecordInput } from '../../src/wire/record.ts'
import { ManualClock } from './manual-clock.ts'

export const time = 1_577_960_430_123n

export interface TestBatch extends SourceBatch {
  releases: number
}

export const partition = { fields: { cluster: 'A', partition: 3, topic: 'orders' } }

export async function batchOf(records: readonly RecordInput[], firstOffset = 100n, codec = 0): Promise<TestBatch> {
  const batch: TestBatch = {
    sourcePartition: partition,
    firstOffset,
    // One beyond the last record: the batch ended in a hole.
    lastOffset: firstOffset + BigInt(records.length),
    targetTopic: 'A.orders',
    targetPartition: 3,
    recordCount: records.length,
    records: records.length === 0 ? Buffer.alloc(0) : await encodeBatch(records, codec),
    releases: 0,
    release() {
      batch.releases += 1
    }
  }
  return batch
}

export const plain = (value: string | null, extra: Partial<RecordInput> = {}): RecordInput => ({
  timestamp: time,
  key: Buffer.from('k'),
  value: value === null ? null : Buffer.from(value),
  ...extra
})

export class Counts {
  failures = 0
  errors = 0
  skips = 0
  retries = 0
  logs = 0
  recordFailure(): void {
    this.failures += 1
  }
  recordError(): void {
    this.errors += 1
  }
  skipped(): void {
    this.skips += 1
  }
  retry(): void {
    this.retries += 1
  }
  logged(): void {
    this.logs += 1
  }
}

export function loaderOf(apply: Transformation['apply'], touches?: Transformation['touches']): RecordPluginLoader {
  class Loaded implements Transformation {
    readonly config: PluginConfig
    readonly apply = apply
    readonly touches = touches ?? ['topic', 'partition', 'key', 'value', 'timestamp', 'headers']
    constructor(config: PluginConfig) {
      this.config = config
    }
  }
  const none = (): Promise<never> => Promise.reject(new Error('not here'))
  return { transformation: () => Promise.resolve(Loaded), predicate: none, converter: none, headerConverter: none }
}

interface Setting {
  readonly loader?: RecordPluginLoader
  readonly worker?: ConnectorConfig
  readonly observer?: Counts
  readonly clock?: ManualClock
  readonly stopping?: AbortSignal
  readonly logger?: Logger
}

export async function make(config: ConnectorConfig, setting: Setting = {}): Promise<BatchPipeline | null> {
  return await createBatchPipeline(config, {
    workerConfig: setting.worker ?? {},
    loader: setting.loader ?? loaderOf((record) => record),
    taskId: 'MirrorSourceConnector-0',
    observer: setting.observer ?? new Counts(),
    stopping: setting.stopping ?? new AbortController().signal,
    clock: setting.clock ?? new ManualClock(),
    random: () => 0.5,
    logger: setting.logger ?? silentLogger
  })
}

export async function pipelineOf(config: ConnectorConfig, setting: Setting = {}): Promise<BatchPipeline> {
  const pipeline = await make(config, setting)
  if (pipeline === null) throw new Error('The config needs no pipeline')
  return pipeline
}

export const custom = (extra: ConnectorConfig = {}): ConnectorConfig => ({
  transforms: 'c',
  'transforms.c.type': './c.js',
  ...extra
})
export const texts = async (batch: SourceBatch | undefined): Promise<(string | undefined)[]> =>
  batch === undefined || batch.recordCount === 0
    ? []
    : (await decodeBatch(batch.records)).map(({ value }) => value?.toString())
