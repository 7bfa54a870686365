import { expect, it } from 'vitest'
import { decodeChunk, decodeChunkKey, encodeChunkKey } from '../../../../src/mirror-client/offset-map/map-chunk.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import {
  type MapRecord,
  type MapStart,
  PartitionMapWriter
} from '../../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { mapOf, partitionOf, topic } from './mirror-history.ts'

function start(log: readonly MapRecord[], changes: Partial<MapStart> = {}): PartitionMapWriter {
  const ids = { sourceTopicId: Buffer.alloc(16, 1), targetTopicId: Buffer.alloc(16, 2) }
  const from = { targetLogEnd: 0n, position: 0n, isFresh: true }
  return new PartitionMapWriter(mapOf(log), { topic, partition: 0, ...ids, ...from, ...changes })
}

/** Transactions of ten records with a marker behind each. */
function mirrorTransactions(writer: PartitionMapWriter, count: number, records: (index: number) => number): void {
  let u = writer.coveredTo
  let d = 0n
  for (let index = 0; index < count; index++) {
    const n = records(index)
    writer.mirrored(u, d, n)
    u += BigInt(n)
    d += BigInt(n)
    writer.skipped(u, u + 1n, 'marker')
    u += 1n
  }
}

it('writes the bytes that older and newer programs read', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 10)
  writer.skipped(10n, 11n, 'marker')
  writer.mirrored(11n, 10n, 10)
  writer.skipped(21n, 22n, 'marker')
  writer.mirrored(22n, 20n, 10)
  writer.skipped(32n, 33n, 'marker')
  writer.mirrored(36n, 35n, 300)
  const [record] = writer.take()
  expect(record?.key.toString('hex')).toBe('0000' + '0006' + '6f7264657273' + '00000000' + '00000000' + '00000000')
  const ids = '01'.repeat(16) + '02'.repeat(16)
  const part = '1c' + '0000000000000000' + '0000000000000000' + '07'
  // A run of 10, a hole of one marker, both twice more; a hole of 3 that was compacted; 5 foreign offsets; a run of 300.
  expect(record?.value?.toString('hex')).toBe('0000' + ids + part + '28' + '21' + '0a' + '65' + '17' + 'b009')
})

it('writes a pass that has to catch up with what may lie on the target already', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetLogEnd: 120n, position: 50n, isFresh: false })
  second.mirrored(50n, 120n, 5)
  const [record, tombstone] = second.take()
  expect(decodeChunkKey(record?.key ?? Buffer.alloc(0))).toEqual({ topic, partition: 0, generation: 1, number: 0 })
  const older = '1c' + '0000000000000000' + '0000000000000000' + '02' + '9003'
  const newer = '16' + '0000000000000032' + '0000000000000078' + '0000000000000064' + '14' + '01' + '14'
  expect(record?.value?.subarray(34).toString('hex')).toBe(older + newer)
  expect(tombstone).toEqual({ key: encodeChunkKey({ topic, partition: 0, generation: 0, number: 0 }), value: null })
})

it('counts a pattern that comes again and again, and stays below the limit where there is none', () => {
  const regular = start([])
  mirrorTransactions(regular, 10_000, () => 10)
  expect(regular.take().map(({ value }) => value?.length)).toEqual([34 + 1 + 16 + 1 + 7])
  const irregular = start([])
  mirrorTransactions(irregular, 10_000, (index) => 1 + ((index * 7919) % 29))
  const chunks = irregular.take()
  expect(chunks.length).toBeGreaterThan(3)
  for (const { value } of chunks) expect(value?.length).toBeLessThanOrEqual(4096)
  const map = partitionOf(chunks)
  for (let index = 0, u = 0n, d = 0n; index < 10_000; index++) {
    const n = BigInt(1 + ((index * 7919) % 29))
    if (index % 97 === 0) expect(map?.toTarget(u)).toEqual({ offset: d, exact: true })
    if (index % 97 === 0) expect(map?.toSource(d + n - 1n)).toEqual({ offset: u + n - 1n, exact: true })
    u += n + 1n
    d += n
  }
})

it('writes the newest chunk alone, and only after a change', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 10)
  const first = writer.take()
  expect(writer.isDirty).toBe(false)
  expect(writer.take()).toEqual([])
  writer.restore()
  writer.mirrored(10n, 10n, 10)
  const second = writer.take()
  expect(second).toHaveLength(1)
  expect(second[0]?.key).toEqual(first[0]?.key)
})

it('takes again what could not be written', () => {
  const writer = start([])
  mirrorTransactions(writer, 2000, (index) => 1 + (index % 29))
  const taken = writer.take()
  writer.restore()
  writer.mirrored(writer.coveredTo, 1_000_000n, 1)
  const again = writer.take()
  expect(again.length).toBeGreaterThanOrEqual(taken.length)
  const map = partitionOf(again)
  expect(map?.coveredTo).toBe(writer.coveredTo)
  expect(map?.toTarget(0n)).toEqual({ offset: 0n, exact: true })
})

it('goes on with the pass of the task before it, without a trace', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetLogEnd: 100n, position: 100n, isFresh: false })
  expect(second.isDirty).toBe(false)
  second.mirrored(100n, 100n, 100)
  const map = partitionOf([...log, ...second.take()])
  expect(map?.toTarget(199n)).toEqual({ offset: 199n, exact: true })
  expect(map?.toTarget(200n)).toEqual({ offset: 200n, exact: true })
  expect(map?.toTarget(201n)).toEqual({ offset: 200n, exact: false })
  expect([...(map?.holes() ?? [])]).toEqual([])
})

it('finds out where records are that were acknowledged without an offset', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 10)
  writer.mirrored(10n, -1n, 5)
  writer.skipped(15n, 16n, 'marker')
  expect(partitionOf(writer.take())?.toTarget(12n)).toEqual({ offset: 10n, exact: false })
  writer.mirrored(16n, 15n, 1)
  expect(partitionOf(writer.take())?.toTarget(12n)).toEqual({ offset: 12n, exact: true })
})

it('never jumps over records of which it is not known where they are', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 10)
  writer.mirrored(10n, -1n, 5)
  writer.mirrored(15n, 20n, 1)
  const map = partitionOf(writer.take())
  expect(map?.toTarget(12n)).toEqual({ offset: 10n, exact: false })
  expect(map?.toTarget(15n)).toEqual({ offset: 20n, exact: true })
})

it('is exact nowhere before it is known again where records are, whatever the source lost meanwhile', () => {
  const writer = start([])
  writer.mirrored(0n, -1n, 3)
  writer.skipped(3n, 2n, 'recreated')
  writer.skipped(2n, 1n, 'recreated')
  writer.sourceEnds(2n)
  writer.skipped(1n, 2n, 'marker')
  const adrift = partitionOf(writer.take())
  expect([0n, 1n, 2n].map((u) => adrift?.toTarget(u)?.exact ?? false)).toEqual([false, false, false])
  writer.mirrored(2n, 3n, 1)
  expect(partitionOf(writer.take())?.toTarget(2n)).toEqual({ offset: 3n, exact: true })
})

it('goes back once where the source lost its end before all that was read of it was acknowledged', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 7)
  // Told by fetching, which had come to 10; what it had read from 7 on never got to the target.
  writer.skipped(10n, 5n, 'recreated')
  writer.mirrored(5n, 7n, 7)
  expect(writer.coveredTo).toBe(12n)
  const map = partitionOf(writer.take())
  expect([4n, 5n, 11n].map((u) => map?.toTarget(u))).toEqual([4n, 7n, 13n].map((offset) => ({ offset, exact: true })))
})

it('tells why source offsets are not on the target', () => {
  const writer = start([], { position: 5n })
  writer.skipped(20n, 30n, 'retention')
  writer.mirrored(5n, 0n, 5)
  writer.skipped(10n, 11n, 'filtered')
  writer.mirrored(13n, 5n, 7)
  writer.covered(31n)
  const map = partitionOf(writer.take())
  expect([...(map?.holes() ?? [])]).toEqual([
    { from: 0n, to: 5n, reason: 'retention' },
    { from: 10n, to: 11n, reason: 'filtered' },
    { from: 11n, to: 13n, reason: 'compaction' },
    { from: 20n, to: 30n, reason: 'retention' },
    { from: 30n, to: 31n, reason: 'compaction' }
  ])
  expect(map?.coveredTo).toBe(31n)
  expect(map?.toTarget(31n)).toEqual({ offset: 12n, exact: true })
})

it('says at once that the target lost its end', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetLogEnd: 60n, position: 100n, isFresh: false })
  expect(second.isDirty).toBe(true)
  const map = partitionOf([...log, ...second.take()])
  expect(map?.toTarget(59n)).toEqual({ offset: 59n, exact: true })
  expect(map?.toTarget(80n)).toEqual({ offset: 60n, exact: false })
})

it('goes by earlier copies again where the target lost records of which it was never known where they are', () => {
  const first = start([])
  first.mirrored(0n, 0n, 1)
  const log = first.take()
  const second = start(log, { targetLogEnd: 1n, isFresh: false })
  second.mirrored(0n, -1n, 3)
  log.push(...second.take())
  expect(partitionOf(log)?.toTarget(0n)).toEqual({ offset: 1n, exact: false })
  const stored = [...log]
  stored.push(...start(stored, { targetLogEnd: 1n, isFresh: false }).take())
  expect(partitionOf(stored)?.toTarget(0n)).toEqual({ offset: 0n, exact: true })
  // Or its next record tells the task that runs on.
  second.mirrored(3n, 1n, 1)
  log.push(...second.take())
  expect([0n, 1n, 3n].map((u) => partitionOf(log)?.toTarget(u)?.offset)).toEqual([0n, 1n, 1n])
})

it('says that the source lost its end also where the target lost its own', () => {
  const writer = start([])
  writer.mirrored(0n, 0n, 3)
  writer.skipped(3n, 0n, 'recreated')
  writer.mirrored(0n, 2n, 1)
  const map = partitionOf(writer.take())
  expect([0n, 1n].map((u) => map?.toTarget(u))).toEqual([2n, 3n].map((offset) => ({ offset, exact: true })))
})

it.each([100n, 80n])(
  'still says that the source lost its end when the target has lost all that was mirrored since (it ends at %s)',
  (targetLogEnd) => {
    const first = start([])
    first.mirrored(0n, 0n, 100)
    first.skipped(100n, 50n, 'recreated')
    first.mirrored(50n, 100n, 10)
    const log = first.take()
    const second = start(log, { targetLogEnd, position: 60n, isFresh: false })
    log.push(...second.take())
    // A record that the source has at 70 now was never mirrored: what lies at the target's 70 is the one before it.
    expect(partitionOf(log)?.toTarget(70n)).toEqual({ offset: targetLogEnd, exact: false })
    second.mirrored(60n, targetLogEnd, 20)
    log.push(...second.take())
    expect(partitionOf(log)?.toTarget(70n)?.offset).toBe(targetLogEnd + 10n)
    expect(partitionOf(log)?.toTarget(49n)).toEqual({ offset: 49n, exact: true })
  }
)

it('goes back to before records of which it is not known where they are, in whatever pass they were told', () => {
  // What lies on the target may be ours: a loss begins a pass each time.
  const writer = start([], { targetLogEnd: 1n })
  writer.mirrored(0n, -1n, 1)
  writer.skipped(1n, 2n, 'retention')
  writer.mirrored(2n, 2n, 1)
  writer.mirrored(3n, -1n, 1)
  writer.skipped(4n, 5n, 'refused')
  writer.mirrored(5n, -1n, 1)
  writer.mirrored(6n, 5n, 1)
  const map = partitionOf(writer.take())
  expect([2n, 3n, 4n].map((d) => map?.toSource(d)?.offset)).toEqual([2n, 3n, 3n])
  expect(map?.toSource(5n)).toEqual({ offset: 6n, exact: true })
})

it('is not exact behind the last record of a pass while the next one has still to catch up', () => {
  const first = start([])
  first.mirrored(0n, 0n, 4)
  first.skipped(4n, 6n, 'filtered')
  const log = first.take()
  expect(partitionOf(log)?.toTarget(5n)).toEqual({ offset: 4n, exact: true })
  const second = start(log, { targetLogEnd: 4n, position: 2n, isFresh: false })
  second.mirrored(2n, 4n, 1)
  log.push(...second.take())
  expect(partitionOf(log)?.toTarget(5n)).toEqual({ offset: 4n, exact: false })
})

it('does not count a pass that could not mirror again what an earlier one holds', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetLogEnd: 100n, position: 50n, isFresh: false })
  second.mirrored(50n, 100n, 5)
  second.skipped(55n, 150n, 'retention')
  second.mirrored(150n, 105n, 10)
  const map = partitionOf([...log, ...second.take()])
  expect(map?.toTarget(52n)).toEqual({ offset: 52n, exact: true })
  expect(map?.toTarget(155n)).toEqual({ offset: 110n, exact: true })
})

it('counts a pass once it has caught up, which the end of the source log shows too', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetLogEnd: 120n, position: 100n, isFresh: false })
  second.mirrored(100n, 120n, 5)
  expect(partitionOf([...log, ...second.take()])?.toTarget(103n)).toEqual({ offset: 100n, exact: false })
  second.sourceEnds(105n)
  expect(partitionOf([...log, ...second.take()])?.toTarget(103n)).toEqual({ offset: 123n, exact: true })
})

it('voids what belongs to another topic of the same name', () => {
  const first = start([])
  first.mirrored(0n, 0n, 100)
  const log = first.take()
  const second = start(log, { targetTopicId: Buffer.alloc(16, 3), position: 100n, isFresh: false })
  expect(partitionOf([...log, ...second.take()])?.toTarget(50n)).toBeUndefined()
})

it('deletes chunks that the target no longer holds, never the newest', () => {
  const writer = start([])
  mirrorTransactions(writer, 10_000, (index) => 1 + (index % 29))
  const log = writer.take()
  const chunks = log.map(({ value }) => decodeChunk(value ?? Buffer.alloc(0)))
  const pruned = writer.prune(chunks[2]?.parts[0]?.d ?? 0n)
  expect(pruned.map(({ key }) => decodeChunkKey(key).number)).toEqual([0, 1])
  expect(writer.prune(1n << 60n)).toHaveLength(log.length - 3)
})

it('reports the first record that it cannot read, and goes on', () => {
  const reported: string[] = []
  const map = new OffsetMap({ onInvalid: ({ code }) => reported.push(code) })
  const key = encodeChunkKey({ topic, partition: 0, generation: 0, number: 0 })
  map.apply(Buffer.from([0, 9]), Buffer.alloc(40))
  map.apply(key, Buffer.from([0, 1, 2]))
  map.apply(key, Buffer.alloc(50))
  expect(map.partition(topic, 0)?.toTarget(0n)).toBeUndefined()
  expect(reported).toEqual(['MIRROR_RECORD_INVALID'])
  const writer = start([])
  writer.mirrored(0n, 0n, 3)
  for (const record of writer.take()) map.apply(record.key, record.value)
  expect(map.partition(topic, 0)?.toTarget(1n)).toEqual({ offset: 1n, exact: true })
})
