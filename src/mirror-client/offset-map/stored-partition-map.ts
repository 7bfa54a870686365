import { landingIn, lastIndex, type Landing, positionBefore, recordAt } from './map-part.ts'
import { endOfTime, type Pass, partOf, passesOf } from './map-passes.ts'
import { type Hole, type HoleReason, type PartitionMap, type Translation } from './partition-map.ts'
import { type ChunkReader, type StoredChunks } from './stored-chunks.ts'

/** Translates by the chunks that are stored at the time of the call. */
export class StoredPartitionMap implements PartitionMap {
  readonly #stored: StoredChunks
  readonly #reader: ChunkReader
  #passes: readonly Pass[] = []
  #passesOfVersion = -1

  constructor(stored: StoredChunks, reader: ChunkReader) {
    this.#stored = stored
    this.#reader = reader
  }

  get targetTopicId(): Buffer | null {
    const newest = this.#stored.all.at(-1)
    return newest === undefined ? null : this.#reader.summary(newest).targetTopicId
  }

  get coveredTo(): bigint {
    return this.#current().at(-1)?.to ?? 0n
  }

  toTarget(sourcePosition: bigint): Translation | undefined {
    const passes = this.#current()
    // A pass that only catches up with what was mirrored before it does not count yet: see Backlog.
    let isNewest = true
    /** Behind the older passes records before the position come once more. */
    let isReplayed = false
    let limit = endOfTime
    for (let index = passes.length - 1; index >= 0; index--) {
      const pass = passes[index]
      if (pass === undefined || pass.isVoid) break
      if (pass.isSettled) {
        const to = pass.to < limit ? pass.to : limit
        if (sourcePosition >= pass.from && sourcePosition < to) return this.#within(pass, sourcePosition, isReplayed)
        if (sourcePosition >= to) {
          return { offset: pass.dEnd, exact: isNewest && sourcePosition === to && this.#endsKnown(pass) }
        }
      } else isReplayed ||= pass.from < sourcePosition
      isNewest = false
      if (pass.reason === 'recreated' && pass.from < limit) limit = pass.from
    }
    return undefined
  }

  toSource(targetPosition: bigint): Translation | undefined {
    // One without records, of which it is not known where it begins, has no place yet.
    const passes = this.#current().filter(({ isSettled, d, dEnd }) => isSettled || dEnd > d)
    const index = lastIndex(passes, ({ d }) => d <= targetPosition)
    const pass = passes[index]
    if (pass === undefined || pass.isVoid) return undefined
    const within = this.#sourceWithin(pass, targetPosition)
    const position = within.isPlaced ? within.position : this.#unplacedBefore(pass, within.position)
    const isExact = within.isExact && position === within.position
    const older = passes.slice(0, index).filter(({ isVoid }) => !isVoid)
    let seenFrom = pass.from
    for (const { from, to } of older.toReversed()) if (to >= seenFrom && from < seenFrom) seenFrom = from
    // What later passes begin with, and what the log has lost since, was not seen before.
    let limit = position
    for (const { from, reason } of passes.slice(index + 1)) {
      if (from < limit && (reason === 'recreated' || from < seenFrom)) limit = from
    }
    // Whoever came along the log has had it before, in an earlier pass.
    const isRepeated = older.some(({ to }) => to > position)
    return { offset: limit, exact: isExact && limit === position && !isRepeated }
  }

  *holes(): Iterable<Hole> {
    let before: Pass | undefined
    for (const pass of this.#current()) {
      if (before !== undefined) yield* holeBetween(before.to, pass)
      for (const piece of pass.pieces) {
        const part = partOf(piece, this.#reader)
        if (part !== undefined) yield* holesOf(part.from, part.segments)
      }
      before = pass
    }
  }

  #current(): readonly Pass[] {
    if (this.#passesOfVersion !== this.#stored.version) {
      this.#passes = passesOf(this.#stored.all, this.#reader)
      this.#passesOfVersion = this.#stored.version
    }
    return this.#passes
  }

  #within(pass: Pass, position: bigint, isReplayed: boolean): Translation {
    const landing = this.#landing(pass, position)
    return landing === undefined
      ? { offset: pass.dEnd, exact: !isReplayed && this.#endsKnown(pass) }
      : { offset: landing.d, exact: landing.isKnown }
  }

  #landing({ pieces }: Pass, position: bigint): Landing | undefined {
    for (let index = lastIndex(pieces, ({ from }) => from <= position); index < pieces.length; index++) {
      const piece = pieces[index]
      const part = piece === undefined ? undefined : partOf(piece, this.#reader)
      const landing = part === undefined ? undefined : landingIn(part, position)
      if (landing !== undefined) return landing
    }
    return undefined
  }

  /** Not where the newest records were put nobody knows where. */
  #endsKnown(pass: Pass): boolean {
    return this.#sourceWithin(pass, pass.dEnd).isExact
  }

  /**
   * Between where a pass begins and its first record there may lie records of passes before it of which nobody knows where
   * they are.
   */
  #unplacedBefore(pass: Pass, from: bigint): bigint {
    const passes = this.#current()
    let position = from
    for (let index = passes.indexOf(pass) - 1; index >= 0; index--) {
      const before = passes[index]
      if (before === undefined || before.isVoid || this.#endsKnown(before)) break
      const end = this.#sourceWithin(before, before.dEnd)
      if (end.position < position) position = end.position
      if (end.isPlaced) break
    }
    return position
  }

  /** `isPlaced`: the pass has a record there or before. */
  #sourceWithin(pass: Pass, y: bigint): { position: bigint; isExact: boolean; isPlaced: boolean } {
    let position: bigint | undefined
    for (let index = lastIndex(pass.pieces, ({ d }) => d <= y); index >= 0 && position === undefined; index--) {
      const piece = pass.pieces[index]
      const part = piece === undefined ? undefined : partOf(piece, this.#reader)
      if (part === undefined) continue
      const record = recordAt(part, y)
      if (record !== undefined) return { position: record, isExact: true, isPlaced: true }
      position = positionBefore(part, y)
    }
    const isPlaced = position !== undefined
    position ??= pass.from
    return { position, isExact: y <= pass.dEnd && this.#landing(pass, position)?.isKnown !== false, isPlaced }
  }
}

function* holeBetween(end: bigint, { from, reason }: Pass): Iterable<Hole> {
  if (from > end) yield { from: end, to: from, reason: 'unknown' }
  else if (from < end) yield { from, to: end, reason }
}

interface HoleSource {
  readonly u: number
  readonly run: number
  readonly hole: number
  readonly reason: HoleReason
  readonly times: number
}

function* holesOf(start: bigint, segments: readonly HoleSource[]): Iterable<Hole> {
  for (const { u, run, hole, reason, times } of segments) {
    if (hole === 0) continue
    for (let turn = 0; turn < times; turn++) {
      const from = start + BigInt(u + turn * (run + hole) + run)
      yield { from, to: from + BigInt(hole), reason }
    }
  }
}
