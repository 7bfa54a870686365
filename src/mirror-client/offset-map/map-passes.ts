import { isSameTopicId } from '../../client/topic-id.ts'
import { type Backlog, type MapPart } from './map-chunk.ts'
import { cutPart } from './map-part.ts'
import { type HoleReason } from './partition-map.ts'
import { type ChunkReader, type PartSummary, type StoredChunk } from './stored-chunks.ts'

/** A stretch of a pass that is in one chunk. */
export interface Piece {
  readonly chunk: StoredChunk
  /** Which part of the chunk. */
  readonly index: number
  /** Target offsets from here on are not of this map any more. */
  readonly bound: bigint
  readonly from: bigint
  readonly to: bigint
  readonly d: bigint
  readonly dEnd: bigint
}

/** What one task mirrored in one go: source positions `[from, to)`, in order, target offsets within `[d, dEnd)`. */
export interface Pass {
  readonly from: bigint
  to: bigint
  readonly d: bigint
  dEnd: bigint
  readonly reason: HoleReason
  backlog: Backlog | undefined
  /** It belongs to another source or target topic of the same name. */
  readonly isVoid: boolean
  /** What it says goes for all that was mirrored: it has come beyond whatever was mirrored before it. */
  isSettled: boolean
  readonly pieces: Piece[]
}

export interface TopicIds {
  readonly sourceTopicId: Buffer | null
  readonly targetTopicId: Buffer | null
}

export interface PassLimits {
  /** Chunks of other topics are void; those of the newest chunk by default. */
  readonly ids?: TopicIds
  /** Where the target's log ends, if that is known. */
  readonly targetLogEnd?: bigint
}

/**
 * The passes that chunks hold, oldest first. It follows from the newest record of each key alone, so that compaction changes
 * nothing: each chunk bounds all chunks before it at the target offset where it begins, which cuts off what a writer of an
 * older generation did later, and what a target log lost before it was written again.
 */
export function passesOf(chunks: readonly StoredChunk[], reader: ChunkReader, limits: PassLimits = {}): Pass[] {
  const bounds = boundsOf(chunks, reader, limits.targetLogEnd ?? endOfTime)
  const firstValid = firstValidIndex(chunks, reader, limits.ids)
  const passes: Pass[] = []
  for (const [at, chunk] of chunks.entries()) {
    const bound = bounds[at] ?? endOfTime
    for (const [index, summary] of reader.summary(chunk).parts.entries()) {
      const part = summary.dEnd <= bound ? summary : cutSummary(chunk, index, bound, reader)
      if (part === undefined) continue
      const { from, to, d, dEnd } = part
      const piece: Piece = { chunk, index, bound, from, to, d, dEnd }
      const isVoid = at < firstValid
      const pass = passes.at(-1)
      if (pass !== undefined && part.isContinued && isNextTo(pass, part) && pass.isVoid === isVoid) {
        pass.pieces.push(piece)
        pass.to = to
        pass.dEnd = dEnd
        pass.backlog = part.backlog
      } else {
        const { reason, backlog } = part
        passes.push({ from, to, d, dEnd, reason, backlog, isVoid, isSettled: false, pieces: [piece] })
      }
    }
  }
  settle(passes)
  return passes
}

export function partOf(piece: Piece, reader: ChunkReader): MapPart | undefined {
  const part = reader.parts(piece.chunk)[piece.index]
  return part === undefined ? undefined : cutPart(part, piece.bound)
}

/** How far passes reach that are not void; tells, pass by pass, how far those before it reach. */
export function reachOf(passes: readonly Pass[], visit?: (pass: Pass, reachBefore: bigint) => void): bigint {
  let reach = 0n
  for (const pass of passes) {
    if (pass.isVoid) continue
    // The source lost what was behind this: positions there belong to other records now.
    if (pass.reason === 'recreated' && pass.from < reach) reach = pass.from
    visit?.(pass, reach)
    if (pass.to > reach) reach = pass.to
  }
  return reach
}

function settle(passes: readonly Pass[]): void {
  reachOf(passes, (pass, reachBefore) => {
    const { backlog } = pass
    pass.isSettled =
      pass.to >= reachBefore && (backlog === undefined || (backlog.records === 0 && pass.to >= backlog.at))
  })
}

/** Behind every offset. */
export const endOfTime = 2n ** 63n - 1n

function boundsOf(chunks: readonly StoredChunk[], reader: ChunkReader, end: bigint): bigint[] {
  const bounds: bigint[] = []
  let bound = end
  for (let index = chunks.length - 1; index >= 0; index--) {
    bounds[index] = bound
    const chunk = chunks[index]
    const d = chunk === undefined ? undefined : reader.summary(chunk).parts[0]?.d
    if (d !== undefined && d < bound) bound = d
  }
  return bounds
}

function firstValidIndex(chunks: readonly StoredChunk[], reader: ChunkReader, ids: TopicIds | undefined): number {
  let wanted = ids
  let index = chunks.length
  for (; index > 0; index--) {
    const chunk = chunks[index - 1]
    if (chunk === undefined) break
    const summary = reader.summary(chunk)
    if (summary.parts.length === 0) continue
    wanted ??= summary
    if (!isSameTopicId(wanted.sourceTopicId, summary.sourceTopicId)) break
    if (!isSameTopicId(wanted.targetTopicId, summary.targetTopicId)) break
  }
  return index
}

function isNextTo(pass: Pass, part: PartSummary): boolean {
  return pass.to === part.from && pass.dEnd === part.d
}

function cutSummary(chunk: StoredChunk, index: number, bound: bigint, reader: ChunkReader): MapPart | undefined {
  const part = reader.parts(chunk)[index]
  return part === undefined ? undefined : cutPart(part, bound)
}
