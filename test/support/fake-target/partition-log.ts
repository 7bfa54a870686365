/** One partition of a target cluster, with the rules by which brokers take batches of an idempotent producer. */
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { addSequence } from '../../../src/wire/patch-header.ts'
import { decodeBatch } from '../../../src/wire/record.ts'
import {
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchLastOffset,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  codecMask,
  isDenseBatch
} from '../../../src/wire/record-batch.ts'

/** How many batches of a producer a broker can tell from new ones. */
const remembered = 5

interface ProducerState {
  nextSequence: number
  readonly recent: { readonly sequence: number; readonly count: number; readonly baseOffset: bigint }[]
}

export interface Appended {
  readonly errorCode: number
  readonly baseOffset: bigint
}

export class PartitionLog {
  /** Node that leads it. */
  leader: number
  maxMessageBytes = 1_048_588
  /** Values in offset order. */
  readonly values: string[] = []
  /** As stored: with their base offsets. */
  readonly batches: Buffer[] = []
  #producers = new Map<bigint, ProducerState>()

  constructor(leader: number) {
    this.leader = leader
  }

  /** As after retention, an unclean election, or a start with old records: the next batch of any producer is taken whatever its sequence. */
  forgetProducers(): void {
    this.#producers = new Map()
  }

  /** As after an election that lost batches: the producer's next sequence will not do. */
  loseSequence(producerId: bigint): void {
    const state = this.#producers.get(producerId)
    if (state === undefined) throw new Error(`producer ${producerId} is not known here`)
    state.nextSequence = addSequence(state.nextSequence, 1_000_000)
    state.recent.length = 0
  }

  /** The batch that `offset` lies in, and a part of the next one, as brokers cut their answers. */
  read(offset: bigint): Buffer {
    const at = this.batches.findIndex((batch) => batchLastOffset(batch, 0) >= offset)
    const found = at < 0 ? [] : [this.batches[at], this.batches[at + 1]?.subarray(0, 40)]
    return Buffer.concat(found.filter((batch) => batch !== undefined))
  }

  async append(batch: Buffer): Promise<Appended> {
    const records = await decodeBatch(batch)
    if (batchBaseOffset(batch, 0) !== 0n || !isDenseBatch(batch, 0)) return refused(brokerErrors.INVALID_RECORD)
    if ((batchAttributes(batch, 0) & ~codecMask) !== 0) return refused(brokerErrors.INVALID_RECORD)
    if (batch.length > this.maxMessageBytes) return refused(brokerErrors.MESSAGE_TOO_LARGE)
    const baseOffset = BigInt(this.values.length)
    const count = batchRecordCount(batch, 0)
    if (batchProducerId(batch, 0) >= 0n) {
      if (batchProducerEpoch(batch, 0) !== 0) return refused(brokerErrors.INVALID_PRODUCER_EPOCH)
      const known = this.#checkSequence(batchProducerId(batch, 0), batchBaseSequence(batch, 0), count)
      if (known !== undefined) return known
    }
    for (const { value } of records) this.values.push(String(value))
    const stored = Buffer.from(batch)
    stored.writeBigInt64BE(baseOffset)
    this.batches.push(stored)
    return { errorCode: 0, baseOffset }
  }

  /** Undefined when the batch is the next one, which is then accounted for. */
  #checkSequence(producerId: bigint, sequence: number, count: number): Appended | undefined {
    let state = this.#producers.get(producerId)
    const repeated = state?.recent.find((batch) => batch.sequence === sequence && batch.count === count)
    if (repeated !== undefined) return { errorCode: 0, baseOffset: repeated.baseOffset }
    if (state !== undefined && state.nextSequence !== sequence)
      return refused(brokerErrors.OUT_OF_ORDER_SEQUENCE_NUMBER)
    state ??= { nextSequence: 0, recent: [] }
    state.nextSequence = addSequence(sequence, count)
    state.recent.push({ sequence, count, baseOffset: BigInt(this.values.length) })
    if (state.recent.length > remembered) state.recent.shift()
    this.#producers.set(producerId, state)
    return undefined
  }
}

function refused(errorCode: number): Appended {
  return { errorCode, baseOffset: -1n }
}
