/** What the wire layer costs a batch, a record and a byte, in this process alone: `npx tsx bench/wire.ts`. */
import { coalesce } from '../src/wire/coalesce.ts'
import { crc32c } from '../src/wire/crc32c.ts'
import { patchHeader, producerStamp } from '../src/wire/patch-header.ts'
import { type RecordInput, decodeBatch, encodeBatch } from '../src/wire/record.ts'
import { renumber } from '../src/wire/renumber.ts'

const rounds = 7

/** Median over the rounds, in nanoseconds per unit; `run` does `units` of them. The first round warms up. */
async function measure(what: string, unit: string, units: number, run: () => unknown): Promise<void> {
  const samples: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    await run()
    if (round > 0) samples.push(((performance.now() - start) * 1e6) / units)
  }
  samples.sort((a, b) => a - b)
  const [least, median, most] = [samples[0] ?? 0, samples[(rounds - 1) / 2] ?? 0, samples[rounds - 1] ?? 0]
  console.log(
    `${what.padEnd(46)} ${median.toFixed(2).padStart(9)} ns/${unit}  [${least.toFixed(2)} - ${most.toFixed(2)}]`
  )
}

function records(count: number, valueBytes: number): RecordInput[] {
  const value = Buffer.alloc(valueBytes, 'value ')
  return Array.from({ length: count }, (_, index) => ({
    timestamp: 1_700_000_000_000n + BigInt(index),
    key: null,
    value
  }))
}

const stamps = [producerStamp(4001n, 0), producerStamp(2n ** 40n, 7)] as const
for (const [count, valueBytes] of [
  [10, 100],
  [1000, 100],
  [1000, 1000]
] as const) {
  const batch = await encodeBatch(records(count, valueBytes))
  const patches = 200_000
  await measure(`patch header of ${batch.length} bytes`, 'batch', patches, () => {
    for (let index = 0; index < patches; index++) patchHeader(batch, 0, stamps[index % 2 === 0 ? 0 : 1], index)
  })
}

const block = Buffer.alloc(1 << 20, 'crc')
await measure('crc32c of 1 MB', 'byte', 20 * block.length, () => {
  for (let index = 0; index < 20; index++) crc32c(block)
})

for (const [perBatch, valueBytes] of [
  [4, 100],
  [1, 100],
  [4, 1000]
] as const) {
  const small = await encodeBatch(records(perBatch, valueBytes))
  const count = Math.floor(500_000 / small.length)
  const batches = Array.from({ length: count }, () => Buffer.from(small))
  await measure(`coalesce ${count} batches of ${perBatch} x ${valueBytes} B`, 'record', 10 * count * perBatch, () => {
    for (let index = 0; index < 10; index++) coalesce(batches)
  })
}

for (const codec of [0, 1, 2, 3, 4]) {
  const thousand = records(1000, 100)
  const batch = await encodeBatch(thousand, codec)
  const repeat = async (work: () => Promise<unknown>): Promise<void> => {
    for (let index = 0; index < 50; index++) await work()
  }
  await measure(`decode, codec ${codec}`, 'record', 50_000, async () => {
    await repeat(async () => await decodeBatch(batch))
  })
  await measure(`renumber, codec ${codec}`, 'record', 50_000, async () => {
    await repeat(async () => await renumber(batch, 0n))
  })
  await measure(`encode, codec ${codec}`, 'record', 50_000, async () => {
    await repeat(async () => await encodeBatch(thousand, codec))
  })
}
