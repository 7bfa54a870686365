import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { ByteBudget } from '../../../../src/client/byte-budget.ts'
import { FetchCursor } from '../../../../src/client/fetch-cursor.ts'
import { FetchedBatch } from '../../../../src/client/fetched-batch.ts'
import { type AckedRun } from '../../../../src/client/raw-producer.ts'
import { TransformedBatch } from '../../../../src/connect/pipeline/transformed-batch.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { RelayedBatch } from '../../../../src/mirror/source/batch-relay.ts'
import { OffsetSyncWriter } from '../../../../src/mirror/source/offset-sync-writer.ts'
import { PartitionLedger } from '../../../../src/mirror/source/partition-ledger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ToyProducer } from '../../../support/worker-toys.ts'

const route = {
  index: 0,
  sourcePartition: { fields: { cluster: 'A', partition: 0, topic: 't' } },
  ...{ sourceTopic: 't', partition: 0, targetTopic: 'A.t' }
}
const [oldId, newId, targetId] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2), Buffer.alloc(16, 3)]
const records = Buffer.alloc(61)
records.writeInt32BE(49, 8)

interface Batch {
  /** Default: where the records begin. */
  readonly wanted?: bigint
  readonly first: bigint
  readonly last: bigint
  readonly verdict?: 'data' | 'control' | 'aborted'
  /** Default: all offsets from the first to the last. */
  readonly count?: number
  readonly runs?: RelayedBatch['runs']
  readonly topicId?: Buffer
}

function relayed({ wanted, first, last, verdict = 'data', count, runs, topicId = oldId }: Batch): RelayedBatch {
  const fetched = new FetchedBatch({
    previousEpoch: -1,
    ...{ cursor: new FetchCursor('t', 0, 0n), records, magic: 2, lastOffset: last, wantedOffset: wanted ?? first },
    ...{ verdict, batchCount: 1, isToMerge: false, topicId },
    ...{ memory: { retain: () => undefined, release: () => undefined }, budget: new ByteBudget(1_000) }
  })
  const recordCount = verdict === 'data' ? (count ?? Number(last - first) + 1) : 0
  return new RelayedBatch(route, fetched, { firstOffset: first, recordCount, records, runs })
}

let map: OffsetMap
let ledger: PartitionLedger

function begin(position: bigint | undefined, topicId: Buffer | null = null): void {
  ledger = new PartitionLedger(route, { position, topicId }, { map, syncs: undefined })
}

beforeEach(() => {
  map = new OffsetMap({ onInvalid: (error) => expect.unreachable(error.message) })
  begin(undefined)
  ledger.foundTarget({ topicId: targetId, end: 0n })
})

function tell(batch: Batch, ...acked: AckedRun[]): void {
  const original = relayed(batch)
  ledger.settled(original, original, acked)
}

const whole = (baseOffset: bigint, count: number): AckedRun => ({ firstIndex: 0, count, baseOffset })

/** What a reader of the topic sees. */
function written() {
  for (const { key, value } of ledger.writer?.take() ?? []) map.apply(key, value)
  const partition = map.partition('t', 0)
  const holes = Array.from(partition?.holes() ?? [], ({ from, to, reason }) => `${from}-${to} ${reason}`)
  const at = (position: bigint): bigint | undefined => {
    const translated = partition?.toTarget(position)
    return translated?.exact === true ? translated.offset : undefined
  }
  return { holes, at, coveredTo: partition?.coveredTo }
}

describe('the ledger of a partition', () => {
  it('tells markers, aborted records and compacted ones apart, and covers those at the end', () => {
    tell({ first: 0n, last: 9n }, whole(0n, 10))
    tell({ first: 10n, last: 10n, verdict: 'control' })
    tell({ wanted: 11n, first: 14n, last: 14n }, whole(10n, 1))
    tell({ first: 15n, last: 19n, verdict: 'aborted' })
    tell({ first: 20n, last: 20n, verdict: 'control' })
    const { holes, at, coveredTo } = written()
    expect(holes).toEqual(['10-11 marker', '11-14 compaction', '15-21 marker'])
    expect([at(9n), at(10n), at(12n), at(14n), at(15n), at(21n), coveredTo]).toEqual([9n, 10n, 10n, 10n, 11n, 11n, 21n])
  })

  it('finds the records of a batch that was rewritten, split and refused in part', () => {
    const runs = [
      { firstSourceOffset: 2n, count: 3 },
      { firstSourceOffset: 8n, count: 3 }
    ]
    const acked = [
      { firstIndex: 0, count: 2, baseOffset: 0n },
      { firstIndex: 3, count: 3, baseOffset: 2n }
    ]
    tell({ wanted: 0n, first: 2n, last: 12n, count: 6, runs }, ...acked)
    const { holes, at } = written()
    expect(holes).toEqual(['0-2 compaction', '4-5 refused', '5-8 compaction', '11-13 compaction'])
    expect([at(2n), at(3n), at(4n), at(9n), at(13n)]).toEqual([0n, 1n, 2n, 3n, 5n])
  })

  it('tells records that transforms left out or sent elsewhere as filtered', () => {
    const original = relayed({ first: 0n, last: 5n })
    const [here, elsewhere] = TransformedBatch.partsOf(original, [
      { targetTopic: 'A.t', targetPartition: 0, records, originalIndexes: [0, 3, 4] },
      { targetTopic: 'other', targetPartition: 0, records, originalIndexes: [1] }
    ])
    if (here === undefined || elsewhere === undefined) throw new Error('there are two parts')
    ledger.settled(original, here, [whole(0n, 3)])
    ledger.settled(original, elsewhere, [whole(700n, 1)])
    const { holes, at, coveredTo } = written()
    expect(holes).toEqual(['1-3 filtered', '5-6 filtered'])
    expect([at(1n), at(2n), at(3n), at(4n), coveredTo]).toEqual([1n, 1n, 1n, 2n, 6n])
  })

  it('tells what the source deleted before it was mirrored', () => {
    begin(50n)
    ledger.foundTarget({ topicId: targetId, end: 0n })
    tell({ first: 60n, last: 69n }, whole(0n, 10))
    expect([written().holes, written().at(55n)]).toEqual([['50-60 retention'], 0n])
  })

  it('goes back with a source log that has lost its end', () => {
    tell({ first: 0n, last: 99n }, whole(0n, 100))
    tell({ first: 90n, last: 109n }, whole(100n, 20))
    const { at } = written()
    expect([at(80n), at(90n), at(105n)]).toEqual([80n, 100n, 115n])
  })

  it.each(['while it runs', 'while it was stopped'])('begins anew for a topic that was created anew %s', (when) => {
    tell({ first: 0n, last: 99n }, whole(0n, 100))
    expect(written().at(50n)).toBe(50n)
    if (when === 'while it was stopped') {
      begin(100n, oldId)
      ledger.foundTarget({ topicId: targetId, end: 100n })
    }
    tell({ first: 0n, last: 4n, topicId: newId }, whole(100n, 5))
    const { at } = written()
    expect([at(0n), at(4n), at(50n)]).toEqual([100n, 104n, undefined])
  })

  it('does not guess where records are that the target has acknowledged without an offset', () => {
    tell({ first: 0n, last: 9n }, whole(0n, 10))
    tell({ first: 10n, last: 19n }, whole(-1n, 10))
    tell({ first: 20n, last: 29n }, whole(25n, 10))
    const { at } = written()
    expect([at(5n), at(12n), at(25n)]).toEqual([5n, undefined, 30n])
  })

  it('asks for the target again when its log goes back, and begins a new map where that is another topic', () => {
    tell({ first: 0n, last: 9n }, whole(0n, 10))
    expect(ledger.needsTarget).toBe(false)
    tell({ first: 10n, last: 19n }, whole(0n, 10))
    expect(ledger.needsTarget).toBe(true)
    written()
    ledger.foundTarget({ topicId: newId, end: 10n })
    tell({ first: 20n, last: 29n }, whole(10n, 10))
    expect([map.partition('t', 0)?.targetTopicId, written().at(25n), map.partition('t', 0)?.targetTopicId]).toEqual([
      ...[targetId, 15n, newId]
    ])
  })

  it('gathers nothing more for a map that has come to its end', () => {
    tell({ first: 0n, last: 9n }, whole(0n, 10))
    ledger.endMap()
    tell({ first: 10n, last: 19n }, whole(10n, 10))
    expect(ledger.writer).toBeUndefined()
  })

  it('offers records to the offset syncs, map or not', async () => {
    const [clock, producer] = [new ManualClock(), new ToyProducer()]
    const syncs = new OffsetSyncWriter({ producer, close: () => producer.close(), topic: 's', lagMax: 100n, clock })
    ledger = new PartitionLedger(route, { position: undefined, topicId: null }, { map: undefined, syncs })
    tell({ first: 0n, last: 9n }, whole(0n, 10))
    await clock.advance(0)
    expect(producer.sent).toHaveLength(1)
  })
})

it('keeps nothing of a batch that is told whole: its memory may be large, and the next one far', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const told = (): WeakRef<RelayedBatch> => {
    const original = relayed({ first: 0n, last: 9n })
    ledger.settled(original, original, [whole(0n, 10)])
    return new WeakRef(original)
  }
  const batch = told()
  // What a WeakRef was made of lives on to the end of the turn.
  await setImmediate()
  collectGarbage()
  expect(batch.deref()).toBeUndefined()
  expect(written().at(9n)).toBe(9n)
})
