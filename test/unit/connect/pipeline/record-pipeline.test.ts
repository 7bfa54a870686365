import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { type PluginConfig, type Transformation } from '../../../../src/connect/data/plugin-interfaces.ts'
import { type BatchPipeline } from '../../../../src/connect/pipeline/batch-pipeline.ts'
import { createBatchPipeline, type RecordPluginLoader } from '../../../../src/connect/pipeline/create-batch-pipeline.ts'
import { type SourceBatch } from '../../../../src/connect/source-batch.ts'
import { decodeBatch, encodeBatch, type RecordInput } from '../../../../src/wire/record.ts'
import { batchCodec, isDenseBatch } from '../../../../src/wire/record-batch.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'
import { everyCodec } from '../../../support/record-batches.ts'

const time = 1_577_960_430_123n

interface TestBatch extends SourceBatch {
  releases: number
}

const partition = { fields: { cluster: 'A', partition: 3, topic: 'orders' } }

async function batchOf(records: readonly RecordInput[], firstOffset = 100n, codec = 0): Promise<TestBatch> {
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

const plain = (value: string | null, extra: Partial<RecordInput> = {}): RecordInput => ({
  timestamp: time,
  key: Buffer.from('k'),
  value: value === null ? null : Buffer.from(value),
  ...extra
})

class Counts {
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

function loaderOf(apply: Transformation['apply'], touches?: Transformation['touches']): RecordPluginLoader {
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
}

async function make(config: ConnectorConfig, setting: Setting = {}): Promise<BatchPipeline | null> {
  return await createBatchPipeline(config, {
    workerConfig: setting.worker ?? {},
    loader: setting.loader ?? loaderOf((record) => record),
    taskId: 'MirrorSourceConnector-0',
    observer: setting.observer ?? new Counts(),
    stopping: setting.stopping ?? new AbortController().signal,
    clock: setting.clock ?? new ManualClock(),
    random: () => 0.5,
    logger: silentLogger
  })
}

async function pipelineOf(config: ConnectorConfig, setting: Setting = {}): Promise<BatchPipeline> {
  const pipeline = await make(config, setting)
  if (pipeline === null) throw new Error('The config needs no pipeline')
  return pipeline
}

const custom = (extra: ConnectorConfig = {}): ConnectorConfig => ({
  transforms: 'c',
  'transforms.c.type': './c.js',
  ...extra
})
const transforms = 'org.apache.kafka.connect.transforms.'
const texts = async (batch: SourceBatch | undefined): Promise<(string | undefined)[]> =>
  batch === undefined || batch.recordCount === 0
    ? []
    : (await decodeBatch(batch.records)).map(({ value }) => value?.toString())

describe('a pipeline', () => {
  it('is not needed without transforms and with bytes converted to bytes', async () => {
    expect(await make({})).toBeNull()
    expect(await make({ 'value.converter': 'ByteArray', 'errors.tolerance': 'all' })).toBeNull()
    expect(await make({}, { worker: { 'value.converter': 'String' } })).not.toBeNull()
  })

  it('gives a batch back itself, whatever is in it, when no transform changes anything', async () => {
    const bytes = fc.option(
      fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
      { nil: null }
    )
    const record = fc.record({
      timestamp: fc.bigInt(-1n, 2n ** 50n),
      key: bytes,
      value: bytes,
      headers: fc.array(
        fc.tuple(
          fc.uint8Array({ maxLength: 5 }).map((array) => Buffer.from(array)),
          bytes
        ),
        { maxLength: 3 }
      )
    })
    const pipeline = await pipelineOf(custom(), { loader: loaderOf((each) => ({ ...each })) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...everyCodec),
        async (records, codec) => {
          const batch = await batchOf(records, 5n, codec)
          expect(await pipeline.apply([batch])).toEqual([batch])
        }
      ),
      { numRuns: 50 }
    )
  })

  it('keeps every record, its source offset, the order and the end of the batch, however records are routed and dropped', async () => {
    const route = fc.constantFrom('x', 'y', 'z', null)
    await fc.assert(
      fc.asyncProperty(
        fc.array(route, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(0, 1),
        async (routes, codec) => {
          const loader = loaderOf((record) => {
            const topic = Buffer.isBuffer(record.value) ? record.value.toString().split(' ')[0] : undefined
            return topic === undefined || topic === 'null' ? null : { ...record, topic }
          })
          const pipeline = await pipelineOf(custom(), { loader })
          const batch = await batchOf(
            routes.map((to, index) => plain(`${String(to)} ${index}`)),
            100n,
            codec
          )
          const parts = await pipeline.apply([batch])
          expect(parts.at(-1)?.lastOffset).toBe(batch.lastOffset)
          const seen = new Map<string, string>()
          for (const [index, part] of parts.entries()) {
            const decoded = part.recordCount === 0 ? [] : await decodeBatch(part.records)
            expect(decoded).toHaveLength(part.recordCount)
            if (part.recordCount > 0) {
              expect(isDenseBatch(part.records, 0)).toBe(true)
              expect(batchCodec(part.records, 0)).toBe(codec)
            }
            for (const [at, { value }] of decoded.entries()) {
              const [topic, number] = String(value).split(' ')
              expect(part.targetTopic).toBe(topic)
              expect(part.sourceOffset?.(at)).toBe(100n + BigInt(Number(number)))
              seen.set(String(number), String(topic))
            }
            // What is stored once this part and those before are acknowledged passes no record of a later part.
            const later = parts.slice(index + 1).map((each) => each.firstOffset)
            for (const first of later) expect(part.lastOffset).toBeLessThan(first)
          }
          expect(seen.size).toBe(routes.filter((to) => to !== null).length)
          for (const part of parts) {
            expect(batch.releases).toBe(0)
            part.release()
          }
          expect(batch.releases).toBe(1)
        }
      ),
      { numRuns: 60 }
    )
  })

  it('sends bytes on undecoded when only the topic counts', async () => {
    const config = {
      transforms: 'drop,route',
      'transforms.drop.type': `${transforms}Filter`,
      'transforms.drop.predicate': 'secret',
      'transforms.route.type': 'RegexRouter',
      'transforms.route.regex': 'A\\.(.*)',
      'transforms.route.replacement': 'copy-of-$1',
      predicates: 'secret',
      'predicates.secret.type': `${transforms}predicates.TopicNameMatches`,
      'predicates.secret.pattern': '.*\\.secret'
    }
    const pipeline = await pipelineOf(config)
    // Bytes that cannot be decoded show that nobody tries.
    const rubbish = { records: Buffer.from('rubbish') }
    const batch = Object.assign(await batchOf([plain('a')]), rubbish)
    const secret = Object.assign(await batchOf([plain('a')]), rubbish, { targetTopic: 'A.secret' })
    const [routed, dropped] = await pipeline.apply([batch, secret])
    expect(routed).toMatchObject({
      targetTopic: 'copy-of-orders',
      targetPartition: 3,
      recordCount: 1,
      lastOffset: 101n
    })
    expect(routed?.records).toBe(batch.records)
    expect(dropped).toMatchObject({ recordCount: 0, firstOffset: 100n, lastOffset: 101n })
    dropped?.release()
    expect([batch.releases, secret.releases]).toEqual([0, 1])
  })

  it('obeys predicates and their negation', async () => {
    const config = {
      transforms: 'd',
      'transforms.d.type': `${transforms}Filter`,
      'transforms.d.predicate': 'p',
      predicates: 'p',
      'predicates.p.type': 'RecordIsTombstone'
    }
    const batch = await batchOf([plain('a'), plain(null), plain('b')])
    const [without] = await (await pipelineOf(config)).apply([batch])
    expect(await texts(without)).toEqual(['a', 'b'])
    const [only] = await (await pipelineOf({ ...config, 'transforms.d.negate': 'true' })).apply([batch])
    expect(await texts(only)).toEqual([undefined])
  })

  it('keeps the bytes of header names that are no UTF-8 when other headers are dropped', async () => {
    const config = { transforms: 'd', 'transforms.d.type': 'DropHeaders', 'transforms.d.headers': 'x' }
    const odd = Buffer.from([0xff, 0xfe])
    const headers = [
      [Buffer.from('x'), null] as const,
      [odd, Buffer.from('1')] as const,
      [Buffer.from('z'), null] as const
    ]
    const [out] = await (await pipelineOf(config)).apply([await batchOf([plain('a', { headers }), plain('b')])])
    const decoded = out === undefined ? [] : await decodeBatch(out.records)
    expect(decoded.map((each) => each.headers)).toEqual([[headers[1], headers[2]], []])
  })

  it('takes the converters of the worker where the connector names none', async () => {
    const config = {
      transforms: 'h',
      'transforms.h.type': 'InsertHeader',
      'transforms.h.header': 'n',
      'transforms.h.value.literal': '5'
    }
    const worker = { 'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter' }
    const [out] = await (await pipelineOf(config, { worker })).apply([await batchOf([plain('a')])])
    const [record] = out === undefined ? [] : await decodeBatch(out.records)
    expect(record?.headers.map(String)).toEqual(['n,5'])
    await expect((await pipelineOf(config)).apply([await batchOf([plain('a')])])).rejects.toThrow(
      'BYTES only, not INT8'
    )
  })

  it('passes on batches without records', async () => {
    const empty = await batchOf([])
    expect(await (await pipelineOf(custom())).apply([empty])).toEqual([empty])
  })

  it.each([
    [{ transforms: 'a' }, 'transforms.a.type: missing'],
    [{ transforms: 'a,a', 'transforms.a.type': 'Filter' }, 'each alias once'],
    [
      { transforms: 'a', 'transforms.a.type': 'Filter', 'transforms.a.predicate': 'p' },
      'an alias of the list predicates'
    ],
    [
      { transforms: 'a', 'transforms.a.type': 'Filter', 'transforms.a.negate': 'true' },
      'to be absent where there is no predicate'
    ],
    [
      {
        transforms: 'a',
        'transforms.a.type': 'RegexRouter',
        'transforms.a.regex': '(',
        'transforms.a.replacement': ''
      },
      'transforms.a.regex'
    ],
    [
      { transforms: 'a', 'transforms.a.type': 'ReplaceField$Value', 'transforms.a.blacklist': 'x' },
      'exclude since Kafka 4.0'
    ],
    [{ 'value.converter': 'Json', 'value.converter.decimal.format': 'TEXT' }, 'value.converter.decimal.format']
  ])('refuses %o', async (config, message) => {
    await expect(make(config)).rejects.toThrow(message)
  })
})

describe('an error of a transform', () => {
  const failing = (isRetriable: boolean, times = Infinity): RecordPluginLoader => {
    let left = times
    return loaderOf((record) => {
      if (!Buffer.isBuffer(record.value) || record.value.toString() !== 'bad' || left === 0) return record
      left -= 1
      throw Object.assign(new Error('no luck'), { retriable: isRetriable })
    })
  }
  const badBatch = async (): Promise<TestBatch> => await batchOf([plain('a'), plain('bad'), plain('b')])

  it('fails the task, once what came before is delivered; nothing is kept', async () => {
    const observer = new Counts()
    const pipeline = await pipelineOf(custom(), { loader: failing(false), observer })
    const [good, bad, later] = [await batchOf([plain('a')]), await badBatch(), await batchOf([plain('c')])]
    expect(await pipeline.apply([good, bad, later])).toEqual([good])
    expect([good.releases, bad.releases, later.releases]).toEqual([0, 1, 1])
    const next = await batchOf([plain('d')])
    const failure = expect(pipeline.apply([next])).rejects
    await failure.toMatchObject({ code: 'MIRROR_CONVERSION' })
    await expect(pipeline.apply([])).rejects.toThrow(
      /TRANSFORMATION by \.\/c\.js failed on the record of .*"orders".* at offset 101/
    )
    expect(next.releases).toBe(1)
    expect(observer).toMatchObject({ failures: 1, errors: 1, skips: 0, retries: 0, logs: 0 })
  })

  it('skips the record when all are tolerated, and logs it when that is asked for', async () => {
    const observer = new Counts()
    const config = custom({ 'errors.tolerance': 'all', 'errors.log.enable': 'true' })
    const [out] = await (await pipelineOf(config, { loader: failing(false), observer })).apply([await badBatch()])
    expect(await texts(out)).toEqual(['a', 'b'])
    expect(observer).toMatchObject({ failures: 1, errors: 1, skips: 1, retries: 0, logs: 1 })
  })

  it('that is retriable is counted twice when there is no time to retry, and then the tolerance decides', async () => {
    const observer = new Counts()
    const pipeline = await pipelineOf(custom(), { loader: failing(true), observer })
    await expect(pipeline.apply([await badBatch()])).rejects.toThrow('no luck')
    expect(observer).toMatchObject({ failures: 2, errors: 1, skips: 0, retries: 0 })
  })

  it('is tried again after 300 ms, then after twice that, until it works', async () => {
    const [observer, clock] = [new Counts(), new ManualClock()]
    const config = custom({ 'errors.retry.timeout': '10000' })
    const pipeline = await pipelineOf(config, { loader: failing(true, 3), observer, clock })
    const applied = pipeline.apply([await badBatch()])
    await clock.advance(299)
    expect(observer.retries).toBe(0)
    await clock.advance(1)
    expect(observer.retries).toBe(1)
    await clock.advance(600)
    await clock.advance(1200)
    expect(await texts((await applied)[0])).toEqual(['a', 'bad', 'b'])
    expect(observer).toMatchObject({ failures: 3, errors: 0, skips: 0, retries: 3 })
  })

  it('waits no longer than the deadline, and a random time once the delay would exceed its maximum', async () => {
    const [observer, clock] = [new Counts(), new ManualClock()]
    const config = custom({
      'errors.retry.timeout': '1000',
      'errors.retry.delay.max.ms': '400',
      'errors.tolerance': 'all'
    })
    const applied = (await pipelineOf(config, { loader: failing(true), observer, clock })).apply([await badBatch()])
    // 300, then half of 400 each time: 500, 700, 900, and the rest up to 1000.
    await clock.advance(1000)
    expect(await texts((await applied)[0])).toEqual(['a', 'b'])
    expect(observer).toMatchObject({ failures: 7, errors: 1, skips: 1, retries: 5 })
  })

  it('loses no record when the task stops during a wait', async () => {
    const [stopping, clock] = [new AbortController(), new ManualClock()]
    const config = custom({ 'errors.retry.timeout': '-1', 'errors.tolerance': 'all' })
    const pipeline = await pipelineOf(config, { loader: failing(true), clock, stopping: stopping.signal })
    const batch = await badBatch()
    const applied = pipeline.apply([batch])
    await settle()
    stopping.abort()
    await expect(applied).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    expect(batch.releases).toBe(1)
  })
})
