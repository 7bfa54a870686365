// eslint-disable-next-line n/no-unsupported-features/node-builtins -- in Node 20 since 20.15, below our minimum
import { crc32, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { codecOf } from '../../../src/wire/compression/codecs.ts'
import { upConvert } from '../../../src/wire/legacy-message-set.ts'
import { batchCodec } from '../../../src/wire/record-batch.ts'
import { type RecordInput, decodeBatch } from '../../../src/wire/record.ts'
import { type KafkajsMessage, kafkajsMessageSet } from '../../support/kafkajs-batches.ts'

const entries: KafkajsMessage[] = [
  { timestamp: 1_600_000_000_000, key: Buffer.from('k'), value: Buffer.from('one') },
  { timestamp: 1_600_000_000_009, key: null, value: Buffer.from('two') },
  { timestamp: 1_599_999_999_999, key: Buffer.alloc(0), value: null }
]

const expected = (timestamps: bigint[]): RecordInput[] =>
  entries.map(({ key, value }, index) => ({
    offset: BigInt(index),
    timestamp: timestamps[index] ?? 0n,
    key,
    value,
    headers: []
  }))
const createTimes = [1_600_000_000_000n, 1_600_000_000_009n, 1_599_999_999_999n]
const noTimes = [-1n, -1n, -1n]

/** Gives consecutive messages consecutive offsets, which are outside their CRC. */
function placed(set: Buffer, firstOffset: bigint): Buffer {
  for (let at = 0, offset = firstOffset; at < set.length; at += 12 + set.readInt32BE(at + 8)) {
    set.writeBigInt64BE(offset++, at)
  }
  return set
}

function wrapper(magic: 0 | 1, codec: number, payload: Buffer, lastOffset: bigint): Buffer {
  const timestamp = 1_600_000_000_777
  return placed(kafkajsMessageSet(magic, [{ timestamp, key: null, value: payload, compression: codec }]), lastOffset)
}

function withMessageAttributes(message: Buffer, bits: number): Buffer {
  message.writeInt8(message.readInt8(17) | bits, 17)
  message.writeUInt32BE(crc32(message.subarray(16)), 12)
  return message
}

describe('upConvert', () => {
  it.each([
    [0, noTimes],
    [1, createTimes]
  ] as const)('turns plain magic %i messages into one batch', async (magic, times) => {
    const result = await upConvert(placed(kafkajsMessageSet(magic, entries), 40n), 0n)
    expect(await decodeBatch(result.batch)).toEqual(expected([...times]))
    expect(result.runs).toEqual([{ firstSourceOffset: 40n, count: 3 }])
    expect(result.nextOffset).toBe(43n)
  })

  it.each([1, 2, 3])('opens a magic 1 wrapper of codec %i, whose offset is that of its last message', async (codec) => {
    const inner = await codecOf(codec).compress(kafkajsMessageSet(1, entries, true))
    const result = await upConvert(wrapper(1, codec, inner, 102n), 0n)
    expect(await decodeBatch(result.batch)).toEqual(expected(createTimes))
    expect(result.runs).toEqual([{ firstSourceOffset: 100n, count: 3 }])
    expect(batchCodec(result.batch, 0)).toBe(codec)
  })

  it('opens a magic 0 wrapper, whose messages carry their own offsets', async () => {
    const inner = gzipSync(placed(kafkajsMessageSet(0, entries), 70n))
    const result = await upConvert(wrapper(0, 1, inner, 72n), 0n)
    expect(await decodeBatch(result.batch)).toEqual(expected(noTimes))
    expect(result.runs).toEqual([{ firstSourceOffset: 70n, count: 3 }])
  })

  it('reads magic 0 lz4 whose header checksum is wrong in the way of its time', async () => {
    const inner = await codecOf(3).compress(placed(kafkajsMessageSet(0, entries), 70n))
    inner.writeUInt8(inner.readUInt8(6) ^ 0x55, 6)
    const { batch } = await upConvert(wrapper(0, 3, inner, 72n), 0n)
    expect(await decodeBatch(batch)).toEqual(expected(noTimes))
  })

  it('gives all messages the append time of their wrapper', async () => {
    const inner = gzipSync(kafkajsMessageSet(1, entries, true))
    const result = await upConvert(withMessageAttributes(wrapper(1, 1, inner, 2n), 0x08), 0n)
    const appended = 1_600_000_000_777n
    expect(await decodeBatch(result.batch)).toEqual(expected([appended, appended, appended]))
  })

  it('leaves out the head and tells holes between wrappers', async () => {
    const set = (last: bigint): Buffer => wrapper(1, 1, gzipSync(kafkajsMessageSet(1, entries, true)), last)
    const result = await upConvert(Buffer.concat([set(12n), set(25n)]), 12n)
    expect(result.runs).toEqual([
      { firstSourceOffset: 12n, count: 1 },
      { firstSourceOffset: 23n, count: 3 }
    ])
    const nothing = await upConvert(set(12n), 13n)
    expect(nothing).toMatchObject({ recordCount: 0, runs: [], nextOffset: 13n })
  })

  it('refuses a message whose CRC does not fit', async () => {
    const set = placed(kafkajsMessageSet(1, entries), 0n)
    set.writeUInt8(set.readUInt8(30) ^ 1, 30)
    await expect(upConvert(set, 0n)).rejects.toMatchObject({ code: 'MIRROR_BATCH_INVALID' })
  })

  it('refuses wrappers in wrappers', async () => {
    const nested = gzipSync(wrapper(1, 1, gzipSync(kafkajsMessageSet(1, entries, true)), 0n))
    await expect(upConvert(wrapper(1, 1, nested, 0n), 0n)).rejects.toMatchObject({ code: 'MIRROR_PROTOCOL' })
  })
})
