import { RingBuffer } from '../base/ring-buffer.ts'
import { canCoalesce, coalesce } from '../wire/coalesce.ts'
import { addSequence, patchHeader } from '../wire/patch-header.ts'
import { batchRecordCount } from '../wire/record-batch.ts'
import { type PartitionTrouble } from './partition-trouble.ts'
import { leavesOutcomeOpen, type ProduceFailure } from './produce-failure.ts'
import { type ProducerIdentity } from './producer-id.ts'
import { type QueuedBatch, SendUnit, settlePiece } from './send-unit.ts'
import { topicPartitionKey } from './topic-partition.ts'

/** A broker remembers the last five batches of a producer in a partition; an older one sent again is refused (45). */
const mostUnacked = 5
/** Merging larger batches costs more copying than the requests that it saves (measured: 64 KB ones double the CPU). */
const mergeBelowBytes = 8 * 1024
/** Half of the default `max.message.bytes`: nothing merged is refused for its size where nobody lowered that. */
const defaultMergedBytes = 512 * 1024
/** Brokers forget a producer after `producer.id.expiration.ms` (a day; operators shorten it), then take any sequence. */
export const forgottenAfterMs = 3_600_000

/** Why a partition sends nothing although it could. `leader`: ends at once when the leader changes. */
export type Pause = 'no' | 'busy' | 'timer' | 'leader'

/**
 * The batches of one target partition, in order:
 *
 *   window: [acked, waiting for those before it] [in flight] [to be sent again]   queue: [not yet framed]
 *
 * Sequences are given when a batch enters the window. The first failure stops the partition until nothing is in flight;
 * then `takeFailure` says what the first failed batch met, and somebody repairs the window and ends the pause.
 *
 * After a failure, with a new producer id, over a new connection (the broker may have started again) and after a long
 * silence the next batch goes alone: a broker without state takes any first sequence. With [0: too large][1][2] in flight it would refuse 0, store 1 and 2, and never take 0 again.
 */
export class ProducerPartition {
  readonly topic: string
  readonly partition: number
  /** Cluster and topic-partition, for messages. */
  readonly where: string
  /** Node that leads the partition as far as is known, or -1. */
  leader = -1
  /** The sender that this partition waits in line at. */
  lineOf: object | null = null
  /** The sender that the batches in flight went through. */
  sentThrough: { readonly nodeId: number } | null = null
  identity: ProducerIdentity | null = null
  pause: Pause = 'no'
  /** Set from the first failure to the next acknowledgement. */
  trouble: PartitionTrouble | null = null
  largestMergedBytes = defaultMergedBytes
  /** Target offset of the batch settled last: what is in the window lies behind it. -1n as long as none is known. */
  settledOffset = -1n
  readonly #queue = new RingBuffer<QueuedBatch>()
  readonly #onSettled: (piece: QueuedBatch) => void
  #window: SendUnit[] = []
  #inFlight = 0
  #failed = false
  #alone = true
  #nextSequence = 0
  #lastSentMs = 0
  #sentOver: object | null = null
  /** Batches that must not be merged because one of them is corrupt. */
  #apart = 0
  #closed = false

  constructor(
    name: { readonly alias: string; readonly topic: string; readonly partition: number },
    onSettled: (piece: QueuedBatch) => void
  ) {
    this.topic = name.topic
    this.partition = name.partition
    this.where = `${name.alias}: ${topicPartitionKey(name.topic, name.partition)}`
    this.#onSettled = onSettled
  }

  /** The leader is known and is not the broker that the last batches went to. */
  get leaderMoved(): boolean {
    return this.leader >= 0 && this.leader !== this.sentThrough?.nodeId
  }

  /** What is framed and not settled, in order. */
  get window(): readonly SendUnit[] {
    return this.#window
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** A failure has stopped the partition and everything in flight has been answered. */
  get isDrained(): boolean {
    return this.#failed && this.#inFlight === 0 && this.pause === 'no'
  }

  /** Stopped by a failure: an acknowledgement that comes now does not mean that all is well. */
  get hasFailed(): boolean {
    return this.#failed
  }

  enqueue(piece: QueuedBatch): void {
    this.#queue.push(piece)
  }

  canSend(): boolean {
    const { identity } = this
    if (this.pause !== 'no' || this.#failed || identity === null) return false
    const depth = this.#alone || !identity.isIdempotent ? 1 : mostUnacked
    if (this.#inFlight >= depth) return false
    return this.#firstWaiting() !== undefined || (this.#window.length < mostUnacked && this.#queue.size > 0)
  }

  /** Most bytes that the next `take` can return; only to be asked while `canSend`. */
  nextBytesAtMost(): number {
    const waiting = this.#firstWaiting()
    if (waiting !== undefined) return waiting.records.length
    const head = this.#queue.peek()?.records.length ?? 0
    return head < mergeBelowBytes && this.#queue.size > 1 ? Math.max(head, this.largestMergedBytes) : head
  }

  /** The next batch, now in flight, its header stamped; undefined when there is none to be sent. */
  take(requestId: number, nowMs: number, connection: object): SendUnit | undefined {
    const { identity } = this
    if (identity === null) return undefined
    if (this.#window.length === 0 && (connection !== this.#sentOver || nowMs - this.#lastSentMs > forgottenAfterMs)) {
      this.#alone = true
    }
    const unit = this.#firstWaiting() ?? this.#frame(identity)
    if (unit === undefined) return undefined
    if (!unit.stamped) {
      patchHeader(unit.records, 0, identity.stamp, unit.sequence)
      unit.stamped = true
    }
    unit.state = 'sent'
    unit.requestId = requestId
    this.#inFlight += 1
    this.#lastSentMs = nowMs
    this.#sentOver = connection
    return unit
  }

  /** The batch that went out in a request; undefined when none did, or it was answered already. */
  sentIn(requestId: number): SendUnit | undefined {
    for (const unit of this.#window) if (unit.state === 'sent' && unit.requestId === requestId) return unit
    return undefined
  }

  acknowledge(unit: SendUnit, baseOffset: bigint): void {
    this.#inFlight -= 1
    this.#alone = false
    this.acknowledgeFound(unit, baseOffset)
  }

  /** The batch is in the target's log, though its answer was lost. Says nothing about what the broker knows of us. */
  acknowledgeFound(unit: SendUnit, baseOffset: bigint): void {
    unit.state = 'acked'
    unit.baseOffset = baseOffset
    unit.failure = null
    this.settleFinal()
  }

  fail(unit: SendUnit, failure: ProduceFailure): void {
    unit.state = 'waiting'
    unit.failure = failure
    unit.mayBeStored ||= leavesOutcomeOpen.has(failure.kind)
    this.#inFlight -= 1
    this.#failed = true
  }

  /**
   * Starts a recovery: the first failed batch and what it met. Later ones of the window failed in its wake (45 while an
   * earlier one is missing) and are forgiven. The partition is busy until somebody ends the pause.
   */
  takeFailure(): { readonly unit: SendUnit; readonly failure: ProduceFailure } | undefined {
    const unit = this.#window.find((candidate) => candidate.failure !== null)
    const failure = unit?.failure
    for (const other of this.#window) other.failure = null
    this.#failed = false
    this.#alone = true
    this.pause = 'busy'
    return unit === undefined || failure == null ? undefined : { unit, failure }
  }

  /** Starts over with another producer: sequences from 0. Only while nothing is in flight. */
  adopt(identity: ProducerIdentity): void {
    this.identity = identity
    this.#alone = true
    this.#renumber(0, identity.isIdempotent ? 0 : -1)
  }

  /**
   * Puts `pieces` in the place of a unit that the broker refused, small ones merged up to `largestMergedBytes`, and numbers
   * what follows anew.
   */
  replace(unit: SendUnit, pieces: readonly QueuedBatch[]): void {
    const at = this.#window.indexOf(unit)
    const rest = new RingBuffer<QueuedBatch>(pieces.length)
    for (const piece of pieces) rest.push(piece)
    const units: SendUnit[] = []
    for (let head = rest.shift(); head !== undefined; head = rest.shift()) units.push(this.#unitFrom(head, rest))
    this.#window.splice(at, 1, ...units)
    this.#renumber(at, unit.sequence)
  }

  /** Settles, in order, what is final and has nothing unfinished before it. */
  settleFinal(): void {
    for (let unit = this.#window[0]; unit?.isFinal === true; unit = this.#window[0]) {
      this.#window.shift()
      this.#settle(unit)
    }
  }

  /** Drops everything: nothing is settled any more. */
  close(): void {
    this.#closed = true
    this.pause = 'busy'
    this.trouble?.cancelTimer?.()
    this.#queue.clear()
    this.#window = []
  }

  #settle(unit: SendUnit): void {
    let offset = unit.baseOffset
    if (offset >= 0n) this.settledOffset = offset
    for (const piece of unit.pieces) {
      // A listener may close the producer from within.
      if (this.#closed) return
      const whole = settlePiece(piece, offset)
      if (offset >= 0n) offset += BigInt(piece.count)
      if (whole) this.#onSettled(piece)
    }
  }

  #firstWaiting(): SendUnit | undefined {
    const window = this.#window
    for (let index = 0; index < window.length && index < mostUnacked; index++) {
      const unit = window[index]
      if (unit?.state === 'waiting') return unit
    }
    return undefined
  }

  #frame(identity: ProducerIdentity): SendUnit | undefined {
    const head = this.#queue.shift()
    if (head === undefined) return undefined
    const unit = this.#unitFrom(head, this.#queue)
    unit.sequence = this.#nextSequence
    if (identity.isIdempotent) this.#nextSequence = addSequence(this.#nextSequence, unit.recordCount)
    this.#window.push(unit)
    return unit
  }

  /** One unit of `head` and, when they are small, of what follows it in `queue`. */
  #unitFrom(head: QueuedBatch, queue: RingBuffer<QueuedBatch>): SendUnit {
    if (this.#apart > 0) this.#apart -= 1
    else if (queue.size > 0 && isSmall(head)) {
      const merged = this.#merge(head, queue)
      if (merged !== undefined) return merged
    }
    return new SendUnit([head], head.records, head.count)
  }

  /** Compressed small batches go apart: putting them together would mean to inflate and deflate them. */
  #merge(head: QueuedBatch, queue: RingBuffer<QueuedBatch>): SendUnit | undefined {
    const pieces = [head]
    let bytes = head.records.length
    for (let next = queue.peek(); next !== undefined && isSmall(next); next = queue.peek()) {
      bytes += next.records.length
      if (bytes > this.largestMergedBytes) break
      pieces.push(next)
      queue.shift()
    }
    if (pieces.length === 1) return undefined
    try {
      const records = coalesce(pieces.map((piece) => piece.records))
      return new SendUnit(pieces, records, batchRecordCount(records, 0))
    } catch {
      // One of them is corrupt. Apart, the target refuses that one and takes those before it.
      for (let index = pieces.length - 1; index > 0; index--) {
        const piece = pieces[index]
        if (piece !== undefined) queue.unshift(piece)
      }
      this.#apart = pieces.length - 1
      return undefined
    }
  }

  /** Numbers what is not acknowledged, from a place in the window on. */
  #renumber(from: number, sequence: number): void {
    const isIdempotent = this.identity?.isIdempotent === true
    let next = isIdempotent ? sequence : -1
    for (let index = from; index < this.#window.length; index++) {
      const unit = this.#window[index]
      if (unit === undefined || unit.isFinal) continue
      unit.sequence = next
      unit.stamped = false
      if (isIdempotent) next = addSequence(next, unit.recordCount)
    }
    this.#nextSequence = next
  }
}

function isSmall({ records, refusal }: QueuedBatch): boolean {
  return refusal === null && records.length < mergeBelowBytes && canCoalesce(records, 0)
}
