import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../src/base/errors.ts'
import { controlType } from '../../../src/wire/aborted-transactions.ts'
import { coalesce } from '../../../src/wire/coalesce.ts'
import { upConvert } from '../../../src/wire/legacy-message-set.ts'
import { batchEnd, batchMagic } from '../../../src/wire/record-batch.ts'
import { decodeBatch, encodeBatch } from '../../../src/wire/record.ts'
import { recompress } from '../../../src/wire/recompress.ts'
import { renumber } from '../../../src/wire/renumber.ts'
import { splitBatch } from '../../../src/wire/split-batch.ts'
import { kafkajsMessageSet } from '../../support/kafkajs-batches.ts'
import { everyCodec, plainRecord, reseal } from '../../support/record-batches.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const uses: Record<string, (batch: Buffer) => unknown> = {
  decodeBatch: async (batch) => await decodeBatch(batch, 1 << 20),
  renumber: async (batch) => await renumber(batch, 1n, 1 << 20),
  splitBatch: async (batch) => await splitBatch(batch, 150, 1 << 20),
  recompress: async (batch) => await recompress(batch, 3, 1 << 20),
  coalesce: (batch) => coalesce([batch, batch]),
  upConvert: async (batch) => await upConvert(batch, 0n, 1 << 20),
  controlType: (batch) => batchEnd(batch, 0) > 0 && batchMagic(batch, 0) === 2 && controlType(batch, 0)
}

const records = [
  plainRecord(0),
  { ...plainRecord(1, 5), headers: [[Buffer.from('h'), null] as const] },
  plainRecord(2, 9)
]
const batches = await Promise.all(everyCodec.map(async (codec) => await encodeBatch(records, codec)))
const messages = kafkajsMessageSet(1, [{ key: null, value: Buffer.from('v') }])

/** A few bytes changed anywhere but in the CRC, most often to those that make lengths and counts huge. */
const mutations = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))), {
  minLength: 1,
  maxLength: 12
})

function mutate(original: Buffer, changes: [number, number][]): Buffer {
  const batch = Buffer.from(original)
  for (const [at, byte] of changes) batch[at % batch.length] = byte
  try {
    return batchEnd(batch, 0) > 0 && batchMagic(batch, 0) === 2 ? reseal(batch) : batch
  } catch {
    return batch
  }
}

async function outcome(use: (batch: Buffer) => unknown, batch: Buffer): Promise<unknown> {
  try {
    await use(batch)
    return 'done'
  } catch (error) {
    return error instanceof MirrorError ? 'refused' : error
  }
}

describe('a batch with bytes changed and a CRC that fits', () => {
  it.each(Object.entries(uses))('ends %s with a result or an error of ours, soon', async (_, use) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...batches, messages), mutations, async (batch, changes) => {
        expect(['done', 'refused']).toContain(await outcome(use, mutate(batch, changes)))
      }),
      propertyRuns(400)
    )
  })
})

describe('a compressed batch that lies about its count', () => {
  it.each(everyCodec)('is refused, codec %i', async (codec) => {
    for (const count of [2, 4, 2 ** 31 - 1]) {
      const batch = await encodeBatch(records, codec)
      batch.writeInt32BE(count, 57)
      batch.writeInt32BE(count - 1, 23)
      for (const use of [
        decodeBatch,
        async (b: Buffer) => await renumber(b, 0n),
        async (b: Buffer) => await splitBatch(b, 100)
      ]) {
        await expect(use(reseal(batch))).rejects.toMatchObject({ code: 'MIRROR_PROTOCOL' })
      }
    }
  })
})
