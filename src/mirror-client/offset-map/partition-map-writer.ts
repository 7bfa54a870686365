import { type MapRecord } from './chunk-outbox.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { maxItemLength } from './map-items.ts'
import { type Pass, partOf, reachOf } from './map-passes.ts'
import { resumptionOf } from './map-resumption.ts'
import { type OffsetMap } from './offset-map.ts'
import { type HoleReason } from './partition-map.ts'
import { PassBacklog } from './pass-backlog.ts'
import { type ToldAhead, ToldAheadQueue } from './told-ahead.ts'
import { UnplacedRecords } from './unplaced-records.ts'

export { type MapRecord } from './chunk-outbox.ts'

export interface MapStart {
  readonly topic: string
  readonly partition: number
  /** Null where the brokers have no topic ids. Another id than the map's makes void what the map holds. */
  readonly sourceTopicId: Buffer | null
  readonly targetTopicId: Buffer | null
  /** Next offset of the target partition, asked for before the first send. */
  readonly targetLogEnd: bigint
  /** Source offset to be read first. */
  readonly position: bigint
  /** No position was stored: nobody has mirrored this partition before, as far as is known. */
  readonly isFresh: boolean
}

/** Reasons for which a record can be missing that an earlier pass has mirrored. */
const lossReasons: ReadonlySet<HoleReason> = new Set(['retention', 'refused', 'recreated'])

/**
 * Keeps the map of one partition while a task mirrors it. All is told in the order of acknowledgement, and costs the same
 * however many records it is about.
 */
export class PartitionMapWriter {
  readonly #chunks: ChunkWriter
  /** Where the pass has come to: the next source offset, the next target offset. */
  #u = 0n
  #d = 0n
  readonly #backlog = new PassBacklog()
  /** No target offset was told in this session. */
  #isFirst = true
  /** Records were put nobody knows where, and no later one has told yet: the target offset is not where it says. */
  #isAdrift = false
  readonly #unplaced = new UnplacedRecords()
  readonly #ahead = new ToldAheadQueue()
  /** Of the pass. */
  #reason: HoleReason = 'unknown'

  /** `map` has been read to its end. */
  constructor(map: OffsetMap, start: MapStart) {
    const { topic, partition, sourceTopicId, targetTopicId, targetLogEnd } = start
    const ids = { sourceTopicId, targetTopicId }
    const resumed = resumptionOf(map, { topic, partition, ids, targetLogEnd })
    const { chunks, unused, passes, generation } = resumed
    this.#chunks = new ChunkWriter({ topic, partition, generation }, chunks, ids)
    this.#chunks.discard((chunk) => unused.has(chunk))
    const newest = passes.at(-1)
    if (newest === undefined) this.#beginMap(start, resumed.voidEnd)
    else this.#goOn(map, start, passes, newest)
    // Readers go by what is stored until they are told.
    this.#chunks.isNewestDirty = resumed.isLost || (newest === undefined && chunks.length > 0)
  }

  /** Up to here it is known what became of every source offset. */
  get coveredTo(): bigint {
    return this.#u
  }

  /** Source records `[u, u + n)` are at target offsets `[d, d + n)`; -1n: acknowledged, but not told where. */
  mirrored(u: bigint, d: bigint, n: number): void {
    if (n <= 0) return
    this.#arrive(u)
    if (d < 0n) {
      this.#unplaced.add(n, undefined)
      this.#advance(BigInt(n))
      if (this.#unplaced.isFull) this.#placeUnplaced(-1n)
    } else {
      if (!this.#unplaced.isEmpty && d - this.#d < BigInt(this.#unplaced.records)) this.#loseUnplaced()
      this.#placeUnplaced(d)
      this.#isAdrift = false
      if (d !== this.#d) this.#moveTarget(d)
      this.#isFirst = false
      this.#appendRun(n)
    }
    this.#applyAhead(this.#u)
  }

  /**
   * Source offsets `[from, to)` are not mirrored. May be told ahead of the runs before them (a gap that fetching met).
   * `to` below `from`: the source log lost its end, and is mirrored again from `to` on.
   */
  skipped(from: bigint, to: bigint, reason: HoleReason): void {
    this.#addAhead({ from, to, reason })
  }

  /** Whatever lies below `to` is mirrored or has no record. */
  covered(to: bigint): void {
    if (to > this.#u) this.#arrive(to)
    this.#applyAhead(this.#u)
  }

  /** The source log ends here: what it holds has been mirrored once all below is covered. Only the first one told counts. */
  sourceEnds(at: bigint): void {
    if (this.#backlog.sourceEnd === undefined) this.#backlog.sourceEnds(at)
    this.#settleBacklog(0)
  }

  /**
   * The source topic was deleted and created again: reading was at `from` in the old one, and goes on at `to` in the new one.
   * May be told ahead, as `skipped`. What the map holds becomes void.
   */
  recreated(from: bigint, to: bigint, newTopicId: Buffer | null): void {
    this.#addAhead({ from, to, reason: 'recreated', newTopicId })
  }

  get isDirty(): boolean {
    return this.#chunks.isDirty
  }

  /** Records to append since the last call. To be followed by `written` or `restore`. */
  take(): MapRecord[] {
    return this.#chunks.take(this.#unplaced.asHoles())
  }

  /** What the last `take` returned is written. */
  written(): void {
    this.#chunks.written()
  }

  /** What the last `take` returned could not be written. */
  restore(): void {
    this.#chunks.restore()
  }

  /** Tombstones for what the target's log no longer holds, and for the oldest beyond the bound. Not repeated. */
  prune(targetLogStart: bigint): MapRecord[] {
    return this.#chunks.prune(targetLogStart)
  }

  /** `voidEnd`: where the records of another source topic end on the target. */
  #beginMap({ position, targetLogEnd, isFresh }: MapStart, voidEnd: bigint | undefined): void {
    const from = isFresh && targetLogEnd === 0n ? 0n : position
    this.#u = from
    this.#d = targetLogEnd
    // What lies there may be ours: of a task that died before it told, or of another program that mirrored up to `position`.
    this.#backlog.targetKnownTo(voidEnd ?? 0n)
    this.#backlog.reachAtLeast(position)
    this.#backlog.expect(targetLogEnd)
    if (!this.#backlog.hasMissing) this.#backlog.clear()
    this.#beginPass(voidEnd === undefined ? 'unknown' : 'recreated')
    if (from < position) this.#hole(position - from, 'retention')
  }

  #goOn(map: OffsetMap, { position, targetLogEnd }: MapStart, valid: readonly Pass[], newest: Pass): void {
    this.#u = newest.to
    this.#d = newest.dEnd
    this.#reason = newest.reason
    this.#backlog.load(newest.backlog)
    if (!newest.isSettled) this.#backlog.reachAtLeast(reachOf(valid.slice(0, -1)))
    this.#adopt(map, valid, newest)
    // A target offset that nobody accounts for may hold records of ours that were acknowledged to a task that died.
    this.#backlog.targetKnownTo(this.#d)
    if (position === this.#u && targetLogEnd === this.#d) return
    if (!this.#backlog.isBehind(this.#u)) this.#backlog.forgetReach()
    this.#backlog.reachAtLeast(reachOf(valid))
    const reason = position < this.#u ? 'replay' : 'unknown'
    this.#u = position
    this.#d = targetLogEnd
    this.#backlog.expect(targetLogEnd)
    this.#beginPass(reason)
  }

  /** Goes on in the newest chunk, or in one of its own where that is full. */
  #adopt(map: OffsetMap, valid: readonly Pass[], newest: Pass): void {
    const chunk = newest.pieces.at(-1)?.chunk
    const pieces = valid.flatMap((pass) => pass.pieces).filter((piece) => piece.chunk === chunk)
    const parts = pieces.map((piece) => partOf(piece, map.reader)).filter((part) => part !== undefined)
    if (chunk !== undefined && this.#chunks.adopt(chunk, parts)) this.#chunks.newest.setBacklog(this.#backlog.stored)
    else this.#continuePass()
  }

  /** `records`: what was mirrored since the last call, up to where the pass is now. */
  #settleBacklog(records: number): void {
    if (!this.#backlog.hasMissing) return
    this.#backlog.settle(this.#u, records, this.#isAdrift)
    this.#chunks.newest.setBacklog(this.#backlog.stored)
    this.#chunks.isNewestDirty = true
  }

  #addAhead(told: ToldAhead): void {
    if (told.from <= this.#u) this.#apply(told)
    else this.#ahead.push(told)
    this.#applyAhead(this.#u)
  }

  #applyAhead(position: bigint): void {
    for (let next = this.#ahead.take(position); next !== undefined; next = this.#ahead.take(position)) {
      if (next.from > this.#u) this.#hole(next.from - this.#u, 'compaction')
      this.#apply(next)
    }
  }

  #apply({ from, to, reason, newTopicId }: ToldAhead): void {
    if (newTopicId !== undefined) this.#beginTopic(to, newTopicId)
    else if (to < from) this.#moveBack(to)
    else if (to > this.#u) {
      const isLoss = this.#backlog.isBehind(this.#u) && lossReasons.has(reason)
      this.#hole(to - this.#u, reason)
      if (!isLoss) return
      // Earlier passes hold what this one could not mirror again: it must never count instead of them.
      this.#chunks.newest.setBacklog(this.#backlog.endless)
      this.#beginPass('unknown')
    }
  }

  /** Explains what lies before `u`. What nobody explained has no record at the source: fetching goes on from offset to offset. */
  #arrive(u: bigint): void {
    const returnsFrom = u < this.#u ? this.#ahead.returnsFrom : undefined
    this.#applyAhead(returnsFrom ?? u - 1n)
    if (u < this.#u) this.#moveBack(u)
    else if (u > this.#u) this.#hole(u - this.#u, 'compaction')
  }

  #hole(length: bigint, reason: HoleReason): void {
    if (length > BigInt(maxItemLength)) {
      this.#advance(length)
      this.#beginPass('unknown')
      return
    }
    this.#closeFull()
    if (this.#unplaced.isEmpty) this.#chunks.newest.hole(Number(length), reason)
    else this.#unplaced.add(Number(length), reason)
    this.#advance(length)
  }

  #appendRun(records: number): void {
    this.#closeFull()
    this.#chunks.newest.run(records)
    this.#d += BigInt(records)
    this.#u += BigInt(records)
    this.#chunks.isNewestDirty = true
    this.#settleBacklog(records)
  }

  #advance(length: bigint): void {
    this.#u += length
    this.#chunks.isNewestDirty = true
    this.#settleBacklog(0)
  }

  /** `d`: target offset of the next record; -1n: not known, nothing will tell any more. */
  #placeUnplaced(d: bigint): void {
    if (this.#unplaced.isEmpty) return
    const isThere = d - this.#d === BigInt(this.#unplaced.records)
    this.#unplaced.drain((length, reason) => {
      if (reason !== undefined) this.#chunks.newest.hole(length, reason)
      else if (isThere) this.#chunks.newest.run(length)
      else this.#chunks.newest.hole(length, 'unknown')
    })
    if (isThere) this.#d = d
    else {
      this.#isAdrift = true
      // Should the target lose them before it has told of a later record, earlier passes hold older copies.
      this.#backlog.expectMore()
      this.#chunks.newest.setBacklog(this.#backlog.stored)
    }
    this.#chunks.isNewestDirty = true
  }

  /** The target has no room for them before the next record: it lost them. Earlier copies count again. */
  #loseUnplaced(): void {
    this.#unplaced.drain(() => undefined)
    this.#beginPass('unknown')
  }

  /** The next record is not where the last one ended. */
  #moveTarget(d: bigint): void {
    if (d < this.#d) {
      this.#loseTarget(d)
      return
    }
    const jump = d - this.#d
    if (this.#isFirst) this.#backlog.expect(d)
    this.#chunks.isNewestDirty = true
    if (!this.#chunks.newest.isAnchored) {
      this.#d = d
      this.#chunks.newest.moveStart(d)
      this.#chunks.newest.setBacklog(this.#backlog.stored)
    } else if (this.#isFirst || jump > BigInt(maxItemLength)) {
      this.#d = d
      this.#beginPass('unknown')
    } else {
      this.#closeFull()
      this.#d = d
      this.#chunks.newest.jump(Number(jump))
    }
  }

  /** The target lost what it had from `d` on: its log was cut, or the topic created again. Readers cut chunks where a later one begins. */
  #loseTarget(d: bigint): void {
    this.#chunks.cut(d)
    this.#d = d
    // If the pass is gone whole, this one has to say instead of it that the source lost what earlier ones speak of.
    this.#beginPass(this.#reason === 'recreated' ? 'recreated' : 'unknown')
  }

  #moveBack(to: bigint): void {
    this.#u = to
    this.#backlog.clear()
    this.#chunks.isNewestDirty = true
    this.#beginPass('recreated')
  }

  #beginTopic(position: bigint, sourceTopicId: Buffer | null): void {
    this.#placeUnplaced(-1n)
    this.#chunks.close(this.#d)
    this.#chunks.readFrom(sourceTopicId)
    this.#backlog.sourceEnds(undefined)
    this.#moveBack(0n)
    if (position > 0n) this.#hole(position, 'retention')
  }

  #beginPass(reason: HoleReason): void {
    this.#placeUnplaced(-1n)
    // Where it begins is not known before the first record whose place is.
    if (this.#isAdrift) this.#backlog.expectMore()
    this.#reason = reason
    this.#chunks.newest.begin({ isContinued: false, reason, from: this.#u, d: this.#d, backlog: this.#backlog.stored })
  }

  #continuePass(): void {
    const backlog = this.#backlog.stored
    this.#chunks.newest.begin({ isContinued: true, reason: this.#reason, from: this.#u, d: this.#d, backlog })
  }

  #closeFull(): void {
    if (!this.#chunks.isFull(this.#unplaced)) return
    this.#placeUnplaced(-1n)
    this.#chunks.close(this.#d)
    this.#continuePass()
  }
}
