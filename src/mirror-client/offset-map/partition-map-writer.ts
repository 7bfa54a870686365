import { isSameTopicId } from '../../client/topic-id.ts'
import { ChunkBuilder } from './chunk-builder.ts'
import { ChunkOutbox, type ClosedChunk, type MapRecord } from './chunk-outbox.ts'
import { type Backlog } from './map-chunk.ts'
import { maxItemLength } from './map-items.ts'
import { type Pass, partOf, passesOf, reachOf, type TopicIds } from './map-passes.ts'
import { type OffsetMap } from './offset-map.ts'
import { type HoleReason } from './partition-map.ts'
import { type StoredChunk } from './stored-chunks.ts'
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

/** A chunk has at most this many bytes. */
const maxChunkBytes = 4096
/** A chunk that is written with so many bytes is the last time: smaller ones cost less when they are written again. */
const closeFromBytes = 1024
const maxChunks = 4096

/** Reasons for which a record can be missing that an earlier pass has mirrored. */
const lossReasons: ReadonlySet<HoleReason> = new Set(['retention', 'refused', 'recreated'])

interface Ahead {
  readonly from: bigint
  readonly to: bigint
  readonly reason: HoleReason
  /** Of the topic that begins here; undefined: it is the same one. */
  readonly newTopicId?: Buffer | null
}

/**
 * Keeps the map of one partition while a task mirrors it. All is told in the order of acknowledgement, and costs the same
 * however many records it is about.
 */
export class PartitionMapWriter {
  #ids: TopicIds
  readonly #outbox: ChunkOutbox
  #builder = new ChunkBuilder()
  /** Where the pass has come to: the next source offset, the next target offset. */
  #u = 0n
  #d = 0n
  /** See Backlog. */
  #reach = 0n
  #missing = 0
  /** Up to this target offset it is known what records before this session lie there. */
  #knownEnd = 0n
  /** No target offset was told in this session. */
  #isFirst = true
  /** Records were put nobody knows where, and no later one has told yet: the target offset is not where it says. */
  #isAdrift = false
  #sourceEnd: bigint | undefined
  readonly #unplaced = new UnplacedRecords()
  #ahead: Ahead[] = []
  /** Of the pass. */
  #reason: HoleReason = 'unknown'
  #isDirty = false
  #isFull = false

  /** `map` has been read to its end. */
  constructor(map: OffsetMap, start: MapStart) {
    const { topic, partition, sourceTopicId, targetTopicId, targetLogEnd } = start
    this.#ids = { sourceTopicId, targetTopicId }
    const stored = map.stored(topic, partition)
    const chunks = stored?.all ?? []
    const passes = passesOf(chunks, map.reader, { ids: this.#ids, targetLogEnd })
    const closed = chunks.map((chunk): ClosedChunk => {
      const { generation, number } = chunk
      const { parts } = map.reader.summary(chunk)
      return { generation, number, d: parts[0]?.d ?? 0n, dEnd: parts.at(-1)?.dEnd ?? 0n }
    })
    const passCount = passes.length
    while (hasLostEnd(passes.at(-1), map, targetLogEnd)) passes.pop()
    const generation = (stored?.newestGeneration ?? -1) + 1
    this.#outbox = new ChunkOutbox({ topic, partition, generation }, closed, maxChunks)
    const used = new Set<StoredChunk | undefined>(passes.flatMap(({ pieces }) => pieces.map(({ chunk }) => chunk)))
    const unused = new Set(closed.filter((_chunk, index) => !used.has(chunks[index])))
    this.#outbox.discard((chunk) => unused.has(chunk))
    const valid = passes.filter(({ isVoid }) => !isVoid)
    const newest = valid.at(-1)
    if (newest === undefined) this.#beginMap(start, voidEndOf(passes, chunks, map, targetTopicId))
    else this.#goOn(map, start, valid, newest)
    // Readers go by what is stored until they are told.
    const isLost = passes.length < passCount || closed.some(({ dEnd }) => dEnd > targetLogEnd)
    this.#isDirty = isLost || (newest === undefined && chunks.length > 0)
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
    this.#sourceEnd ??= at
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
    return this.#isDirty || this.#outbox.hasUnwritten
  }

  /** Records to append since the last call. What the last call returned counts as written, unless `restore` was called. */
  take(): MapRecord[] {
    const newest = this.#isDirty ? this.#encode() : undefined
    if (newest !== undefined && newest.length >= closeFromBytes) this.#isFull = true
    this.#isDirty = false
    return this.#outbox.take(newest)
  }

  /** What the last `take` returned could not be written. */
  restore(): void {
    if (this.#outbox.restore()) this.#isDirty = true
  }

  /** Tombstones for what the target's log no longer holds, and for the oldest beyond the bound. Not repeated. */
  prune(targetLogStart: bigint): MapRecord[] {
    return this.#outbox.prune(targetLogStart)
  }

  /** `voidEnd`: where the records of another source topic end on the target. */
  #beginMap({ position, targetLogEnd, isFresh }: MapStart, voidEnd: bigint | undefined): void {
    const from = isFresh && targetLogEnd === 0n ? 0n : position
    this.#u = from
    this.#d = targetLogEnd
    // What lies there may be ours: of a task that died before it told, or of another program that mirrored up to `position`.
    this.#knownEnd = voidEnd ?? 0n
    this.#reachAtLeast(position)
    this.#expect(targetLogEnd)
    if (this.#missing === 0) this.#reach = 0n
    this.#beginPass(voidEnd === undefined ? 'unknown' : 'recreated')
    if (from < position) this.#hole(position - from, 'retention')
  }

  #goOn(map: OffsetMap, { position, targetLogEnd }: MapStart, valid: readonly Pass[], newest: Pass): void {
    this.#u = newest.to
    this.#d = newest.dEnd
    this.#reason = newest.reason
    this.#reach = newest.backlog?.at ?? 0n
    this.#missing = newest.backlog?.records ?? 0
    if (!newest.isSettled) this.#reachAtLeast(reachOf(valid.slice(0, -1)))
    this.#adopt(map, valid, newest)
    // A target offset that nobody accounts for may hold records of ours that were acknowledged to a task that died.
    this.#knownEnd = this.#d
    if (position === this.#u && targetLogEnd === this.#d) return
    if (!this.#isBehind) this.#reach = 0n
    this.#reachAtLeast(reachOf(valid))
    const reason = position < this.#u ? 'replay' : 'unknown'
    this.#u = position
    this.#d = targetLogEnd
    this.#expect(targetLogEnd)
    this.#beginPass(reason)
  }

  /** Goes on in the newest chunk, unless that is full: it is written as a chunk of this generation. */
  #adopt(map: OffsetMap, valid: readonly Pass[], newest: Pass): void {
    const chunk = newest.pieces.at(-1)?.chunk
    if (chunk !== undefined && chunk.value.length < closeFromBytes) {
      for (const piece of valid.flatMap(({ pieces }) => pieces)) {
        const part = piece.chunk === chunk ? partOf(piece, map.reader) : undefined
        if (part !== undefined) this.#builder.adopt(part)
      }
      this.#builder.setBacklog(this.#backlog)
      this.#outbox.discard(({ generation, number }) => generation === chunk.generation && number === chunk.number)
    } else {
      this.#continuePass()
    }
  }

  get #backlog(): Backlog | undefined {
    return this.#reach === 0n && this.#missing === 0 ? undefined : { at: this.#reach, records: this.#missing }
  }

  get #isBehind(): boolean {
    return this.#missing > 0 || this.#u < this.#reach
  }

  /** Records up to target offset `d` are to be mirrored again. */
  #expect(d: bigint): void {
    const unknown = Number(d - this.#knownEnd)
    if (unknown > this.#missing) this.#missing = unknown
  }

  #reachAtLeast(position: bigint): void {
    if (position > this.#reach) this.#reach = position
  }

  /** `records`: what was mirrored since the last call, up to where the pass is now. */
  #settleBacklog(records: number): void {
    if (this.#missing === 0) return
    const start = this.#u - BigInt(records)
    const from = start > this.#reach ? start : this.#reach
    if (this.#u > from) this.#missing = Math.max(0, this.#missing - Number(this.#u - from))
    const isAllMirrored = this.#sourceEnd !== undefined && this.#u >= this.#sourceEnd && this.#u >= this.#reach
    if (isAllMirrored && !this.#isAdrift) this.#missing = 0
    if (this.#missing === 0) this.#reachAtLeast(this.#u)
    this.#builder.setBacklog(this.#backlog)
    this.#isDirty = true
  }

  #addAhead(ahead: Ahead): void {
    if (ahead.from <= this.#u) this.#apply(ahead)
    else this.#ahead.push(ahead)
    this.#applyAhead(this.#u)
  }

  #applyAhead(position: bigint): void {
    for (let next = this.#ahead[0]; next !== undefined && next.from <= position; next = this.#ahead[0]) {
      this.#ahead.shift()
      if (next.from > this.#u) this.#hole(next.from - this.#u, 'compaction')
      this.#apply(next)
    }
  }

  #apply({ from, to, reason, newTopicId }: Ahead): void {
    if (newTopicId !== undefined) this.#beginTopic(to, newTopicId)
    else if (to < from) this.#moveBack(to)
    else if (to > this.#u) {
      const isLoss = this.#isBehind && lossReasons.has(reason)
      this.#hole(to - this.#u, reason)
      if (!isLoss) return
      // Earlier passes hold what this one could not mirror again: it must never count instead of them.
      this.#builder.setBacklog({ at: this.#reach, records: Math.max(1, this.#missing) })
      this.#beginPass('unknown')
    }
  }

  /** Explains what lies before `u`. What nobody explained has no record at the source: fetching goes on from offset to offset. */
  #arrive(u: bigint): void {
    const isBack = u < this.#u
    if (isBack && this.#ahead.some(({ from, to }) => to < from)) this.#applyAhead(this.#ahead.at(-1)?.from ?? u)
    else this.#applyAhead(u - 1n)
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
    if (this.#unplaced.isEmpty) this.#builder.hole(Number(length), reason)
    else this.#unplaced.add(Number(length), reason)
    this.#advance(length)
  }

  #appendRun(records: number): void {
    this.#closeFull()
    this.#builder.run(records)
    this.#d += BigInt(records)
    this.#u += BigInt(records)
    this.#isDirty = true
    this.#settleBacklog(records)
  }

  #advance(length: bigint): void {
    this.#u += length
    this.#isDirty = true
    this.#settleBacklog(0)
  }

  /** `d`: target offset of the next record; -1n: not known, nothing will tell any more. */
  #placeUnplaced(d: bigint): void {
    if (this.#unplaced.isEmpty) return
    const isThere = d - this.#d === BigInt(this.#unplaced.records)
    this.#unplaced.drain((length, reason) => {
      if (reason !== undefined) this.#builder.hole(length, reason)
      else if (isThere) this.#builder.run(length)
      else this.#builder.hole(length, 'unknown')
    })
    if (isThere) this.#d = d
    else this.#isAdrift = true
    this.#isDirty = true
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
    if (this.#isFirst) this.#expect(d)
    this.#isDirty = true
    if (!this.#builder.isAnchored) {
      this.#d = d
      this.#builder.moveStart(d)
      this.#builder.setBacklog(this.#backlog)
    } else if (this.#isFirst || jump > BigInt(maxItemLength)) {
      this.#d = d
      this.#beginPass('unknown')
    } else {
      this.#closeFull()
      this.#d = d
      this.#builder.jump(Number(jump))
    }
  }

  /** The target lost what it had from `d` on: its log was cut, or the topic created again. Readers cut chunks where a later one begins. */
  #loseTarget(d: bigint): void {
    if (this.#builder.firstD < d) this.#closeChunk()
    this.#outbox.discard((chunk) => chunk.d >= d)
    this.#builder = new ChunkBuilder()
    this.#isFull = false
    this.#d = d
    // If the pass is gone whole, this one has to say instead of it that the source lost what earlier ones speak of.
    this.#beginPass(this.#reason === 'recreated' ? 'recreated' : 'unknown')
  }

  #moveBack(to: bigint): void {
    this.#u = to
    this.#reach = 0n
    this.#missing = 0
    this.#isDirty = true
    this.#beginPass('recreated')
  }

  #beginTopic(position: bigint, sourceTopicId: Buffer | null): void {
    this.#placeUnplaced(-1n)
    this.#closeChunk()
    this.#ids = { ...this.#ids, sourceTopicId }
    this.#sourceEnd = undefined
    this.#moveBack(0n)
    if (position > 0n) this.#hole(position, 'retention')
  }

  #beginPass(reason: HoleReason): void {
    this.#placeUnplaced(-1n)
    // Where it begins is not known before the first record whose place is.
    if (this.#isAdrift) this.#missing = Math.max(1, this.#missing)
    this.#reason = reason
    this.#builder.begin({ isContinued: false, reason, from: this.#u, d: this.#d, backlog: this.#backlog })
  }

  #continuePass(): void {
    const backlog = this.#backlog
    this.#builder.begin({ isContinued: true, reason: this.#reason, from: this.#u, d: this.#d, backlog })
  }

  #closeFull(): void {
    const mustClose = this.#builder.isLong || this.#builder.maxBytes + this.#unplaced.maxBytes > maxChunkBytes
    if (!mustClose && !(this.#isFull && this.#unplaced.isEmpty)) return
    this.#placeUnplaced(-1n)
    this.#closeChunk()
    this.#continuePass()
  }

  #closeChunk(): void {
    this.#outbox.close(this.#isDirty ? this.#encode() : undefined, this.#builder.firstD, this.#d)
    this.#builder = new ChunkBuilder()
    this.#isFull = false
  }

  #encode(): Buffer {
    return this.#builder.encode(this.#ids, this.#unplaced.asHoles())
  }
}

/** Undefined: nothing of another source topic was mirrored to this target topic. */
function voidEndOf(
  passes: readonly Pass[],
  chunks: readonly StoredChunk[],
  map: OffsetMap,
  targetTopicId: Buffer | null
): bigint | undefined {
  const newest = chunks.at(-1)
  if (newest === undefined) return undefined
  return isSameTopicId(map.reader.summary(newest).targetTopicId, targetTopicId) ? passes.at(-1)?.dEnd : undefined
}

/** Nobody knows where its newest records are, and the target's log has no room for them: it has lost them. */
function hasLostEnd(pass: Pass | undefined, map: OffsetMap, targetLogEnd: bigint): boolean {
  const piece = pass?.pieces.at(-1)
  if (pass === undefined || pass.isVoid || piece === undefined) return false
  const segments = partOf(piece, map.reader)?.segments ?? []
  let unplaced = 0
  for (let index = segments.length - 1; index >= 0; index--) {
    const { run, hole, reason } = segments[index] ?? { run: 1, hole: 0, reason: 'marker' }
    if (reason === 'unknown') unplaced += hole
    if (run > 0) break
  }
  return targetLogEnd < pass.dEnd + BigInt(unplaced)
}
