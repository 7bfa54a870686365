import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { codecOf } from '../../../../src/wire/compression/codecs.ts'
import { lz4Codec } from '../../../../src/wire/compression/lz4.ts'
import { snappyCodec } from '../../../../src/wire/compression/snappy.ts'
import { zstdCodec } from '../../../../src/wire/compression/zstd.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const compressing = [1, 2, 3, 4]

describe.each(compressing)('codec %i', (id) => {
  const codec = codecOf(id)

  it('gives back what it compressed, small and large', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc
        .tuple(fc.nat(255), fc.constantFrom(1, 32_768, 32_769, 300_000))
        .map(([byte, size]) => new Uint8Array(size).fill(byte))
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (array) => {
        const plain = Buffer.from(array)
        expect((await codec.decompress(await codec.compress(plain))).equals(plain)).toBe(true)
      }),
      propertyRuns(40)
    )
  })

  it('refuses to inflate beyond the cap', async () => {
    const bomb = await codec.compress(Buffer.alloc(4 << 20))
    await expect(codec.decompress(bomb, 1 << 20)).rejects.toThrow('the cap is 1048576')
    expect(await codec.decompress(bomb, 8 << 20)).toHaveLength(4 << 20)
  })

  it('ends in an error of its own on bytes that are cut short or changed', async () => {
    const good = await codec.compress(Buffer.from('some text, some more text, some text again '.repeat(20)))
    const hostile = fc.oneof(
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
      fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
        const changed = Buffer.from(good)
        changed[at] = byte
        return changed
      })
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        // Not every codec has a checksum: changed bytes may inflate to something, but never to another error.
        const result = await codec.decompress(bytes, 1 << 20).catch((error: unknown) => error)
        expect(Buffer.isBuffer(result) || (result instanceof MirrorError && result.code === 'MIRROR_CODEC')).toBe(true)
      }),
      propertyRuns(300)
    )
  })
})

describe('snappy', () => {
  it('reads raw blocks, as librdkafka writes them', async () => {
    const plain = Buffer.from('raw '.repeat(100))
    expect(await codecOf(2).decompress(snappy.compressSync(plain))).toEqual(plain)
  })

  it('gives no memory to a size that its bytes cannot reach', async () => {
    const liar = Buffer.from('ffffff7f00aabbcc', 'hex')
    await expect(codecOf(2).decompress(liar)).rejects.toThrow('claim to inflate')
  })
})

describe('an optional package that is missing', () => {
  const missing = async (): Promise<never> => await Promise.reject(new Error('Cannot find package'))

  it.each([
    ['snappy', snappyCodec(missing), Buffer.from('0400aa', 'hex')],
    ['lz4-napi', lz4Codec(missing), Buffer.from('04224d186040820000000000000000', 'hex').subarray(0, 11)],
    ['@mongodb-js/zstd', zstdCodec(missing), Buffer.from('28b52ffd2000010000', 'hex')]
  ])('%s is named', async (name, codec, bytes) => {
    const expected = expect.objectContaining({
      code: 'MIRROR_CODEC',
      message: expect.stringContaining(`npm package ${name},`) as string
    }) as Error
    await expect(codec.compress(Buffer.from('x'))).rejects.toEqual(expected)
    await expect(codec.decompress(bytes)).rejects.toEqual(expected)
  })
})

it('refuses ids that were never given out', () => {
  expect(() => codecOf(5)).toThrow('Unknown compression codec 5')
})

it('reads gzip in several members', async () => {
  const members = Buffer.concat([gzipSync('one '), gzipSync('two')])
  expect((await codecOf(1).decompress(members)).toString()).toBe('one two')
})
