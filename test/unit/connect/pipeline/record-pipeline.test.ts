import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Converter,
  type PluginConfig,
  type Transformation
} from '../../../../src/connect/data/plugin-interfaces.ts'
import { decodeBatch } from '../../../../src/wire/record.ts'
import { batchCodec, isDenseBatch } from '../../../../src/wire/record-batch.ts'
import { batchOf, custom, loaderOf, make, pipelineOf, plain, texts } from '../../../support/pipeline-toys.ts'
import { everyCodec } from '../../../support/record-batches.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const transforms = 'org.apache.kafka.connect.transforms.'

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
      propertyRuns(50)
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
      propertyRuns(60)
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

  it('makes a class of a module with the keys that stand beside its name, and closes it once', async () => {
    const seen: unknown[] = []
    class Noted implements Converter {
      constructor(config: PluginConfig) {
        seen.push(config)
      }
      fromConnectData(): Buffer {
        return Buffer.from('made')
      }
      close(): void {
        seen.push('closed')
      }
    }
    const loader = { ...loaderOf((record) => record), converter: () => Promise.resolve(Noted) }
    const worker = { 'value.converter': 'Json', 'value.converter.schemas.enable': 'false' }
    const own = { 'value.converter': './n.js', 'value.converter.plugin.version': '1', 'value.converter.own': 'x' }
    const pipeline = await pipelineOf(own, { worker, loader })
    expect(seen).toEqual([{ own: 'x', 'converter.type': 'value' }])
    expect(await texts((await pipeline.apply([await batchOf([plain('a')])]))[0])).toEqual(['made'])
    pipeline.close()
    pipeline.close()
    expect(seen.slice(1)).toEqual(['closed'])
  })

  it('names the class that cannot be made, and closes those that were', async () => {
    let closes = 0
    class Closing implements Transformation {
      apply(): null {
        return null
      }
      close(): void {
        closes += 1
      }
    }
    class Refusing implements Converter {
      constructor() {
        throw new Error('no such key')
      }
      fromConnectData(): null {
        return null
      }
    }
    const [transformation, converter] = [() => Promise.resolve(Closing), () => Promise.resolve(Refusing)]
    const loader = { ...loaderOf((record) => record), transformation, converter }
    await expect(make(custom({ 'value.converter': './r.js' }), { loader })).rejects.toMatchObject({
      code: 'MIRROR_PLUGIN',
      message: expect.stringMatching(/^value\.converter = \.\/r\.js: .*no such key/) as string
    })
    expect(closes).toBe(1)
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
