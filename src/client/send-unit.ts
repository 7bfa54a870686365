import { MirrorError } from '../base/errors.ts'
import { batchCodec, batchEnd, batchRecordCount } from '../wire/record-batch.ts'
import { type ProduceFailure } from './produce-failure.ts'
import { type AckedRun, type OutgoingBatch, type RefusedRecords } from './raw-producer.ts'

const nothingRefused: readonly RefusedRecords[] = []

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

/** What became of a batch in pieces. They settle in order, so the last one completes it. */
interface SplitOutcome {
  readonly runs: Mutable<AckedRun>[]
  readonly refused: RefusedRecords[]
  unsettledRecords: number
}

/** A whole outgoing batch, or a stretch of one that holds several record batches or was split. */
export interface QueuedBatch {
  readonly batch: OutgoingBatch
  readonly records: Buffer
  /** Where `records` begins within the batch. */
  readonly firstIndex: number
  readonly count: number
  /** Null for a whole batch. Shared by the pieces of one batch. */
  readonly split: SplitOutcome | null
  /** See OutstandingBatches. */
  readonly generation: number
  /** Set: one record that the target never takes, to be left out. `records` is not looked at then. */
  readonly refusal: MirrorError | null
}

/**
 * `waiting`: to be sent, for the first time or again; `sent`: in flight; `acked` and `refused`: final, and settled once
 * everything before it is.
 */
export type SendUnitState = 'waiting' | 'sent' | 'acked' | 'refused'

/**
 * What goes into a request as one record batch: a queued batch, or several merged. Frozen from its first send until it is
 * final, because a broker knows a repeated batch only by the same sequence and length.
 */
export class SendUnit {
  readonly pieces: readonly QueuedBatch[]
  readonly records: Buffer
  readonly recordCount: number
  state: SendUnitState
  sequence = -1
  /** Whether the header carries our producer and `sequence`. */
  stamped = false
  /** Request that it was last sent in. */
  requestId = 0
  baseOffset = -1n
  /** Sent without an answer that says whether the target has it. */
  mayBeStored = false
  failure: ProduceFailure | null = null

  constructor(pieces: readonly QueuedBatch[], records: Buffer, recordCount: number) {
    this.pieces = pieces
    this.records = records
    this.recordCount = recordCount
    this.state = pieces[0]?.refusal == null ? 'waiting' : 'refused'
  }

  get codec(): number {
    return batchCodec(this.records, 0)
  }

  get isFinal(): boolean {
    return this.state === 'acked' || this.state === 'refused'
  }
}

/** Some of a batch's records, as a batch of their own or refused. */
export type RecordStretch = Pick<QueuedBatch, 'firstIndex' | 'count' | 'records' | 'refusal'>

/**
 * One piece for each of its record batches.
 * @param where it goes, for messages
 * @throws MirrorError MIRROR_BATCH_INVALID or MIRROR_PROTOCOL where something else lies behind the first one
 */
export function piecesOf(batch: OutgoingBatch, generation: number, where: string): QueuedBatch[] {
  const { records, recordCount } = batch
  const firstEnd = batchEnd(records, 0)
  if (firstEnd < 0 || firstEnd === records.length) {
    return [{ batch, records, firstIndex: 0, count: recordCount, split: null, generation, refusal: null }]
  }
  const split = { runs: [], refused: [], unsettledRecords: recordCount }
  const pieces: QueuedBatch[] = []
  let [at, firstIndex] = [0, 0]
  for (let end = firstEnd; end > 0; at = end, end = batchEnd(records, at)) {
    const count = batchRecordCount(records, at)
    const piece = records.subarray(at, end)
    pieces.push({ batch, records: piece, firstIndex, count, split, generation, refusal: null })
    firstIndex += count
  }
  if (at === records.length && firstIndex === recordCount) return pieces
  const found = `its record batches hold ${firstIndex} records in ${at} bytes, not ${recordCount} in ${records.length}`
  throw new MirrorError('MIRROR_BATCH_INVALID', `${where}: what the task polled cannot be sent: ${found}`)
}

/** Takes a piece apart. The stretches cover its records in order; their indexes count within the piece. */
export function dividePiece(piece: QueuedBatch, stretches: readonly RecordStretch[]): QueuedBatch[] {
  const { batch, generation } = piece
  const split = piece.split ?? { runs: [], refused: [], unsettledRecords: batch.recordCount }
  return stretches.map(({ firstIndex, count, records, refusal }) => {
    return { batch, records, firstIndex: piece.firstIndex + firstIndex, count, split, generation, refusal }
  })
}

/** Reports what became of a piece. True when that was the last one of its batch. */
export function settlePiece(piece: QueuedBatch, baseOffset: bigint): boolean {
  const { batch, firstIndex, count, split, refusal } = piece
  if (refusal !== null) {
    const refused = { firstIndex, count, error: refusal }
    if (split !== null) split.refused.push(refused)
    else batch.settled([], [refused])
  } else if (split !== null) addRun(split.runs, { firstIndex, count, baseOffset })
  else batch.settled([{ firstIndex, count, baseOffset }], nothingRefused)
  return split === null || completePiece(piece, split)
}

function completePiece(piece: QueuedBatch, outcome: SplitOutcome): boolean {
  outcome.unsettledRecords -= piece.count
  if (outcome.unsettledRecords > 0) return false
  piece.batch.settled(outcome.runs, outcome.refused)
  return true
}

/** Pieces of a batch mostly land side by side: then they are one run again. */
function addRun(runs: Mutable<AckedRun>[], run: Mutable<AckedRun>): void {
  const last = runs.at(-1)
  const continues =
    last !== undefined &&
    last.firstIndex + last.count === run.firstIndex &&
    (run.baseOffset < 0n ? last.baseOffset < 0n : last.baseOffset + BigInt(last.count) === run.baseOffset)
  if (continues) last.count += run.count
  else runs.push(run)
}
