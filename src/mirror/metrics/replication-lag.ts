import { type Clock } from '../../base/clock.ts'

/** What is known of a source log; a fetch cursor is one. */
export interface SourceLogState {
  /** Where the log ends for consumers; undefined before the first answer. */
  readonly highWatermark: bigint | undefined
  readonly logStartOffset: bigint | undefined
  /** Next offset to be read. */
  readonly position: bigint | undefined
}

export interface Lag {
  readonly records: number
  /** Estimated. */
  readonly bytes: number
  readonly seconds: number
}

const level: Lag = { records: 0, bytes: 0, seconds: 0 }

/**
 * How far the target is behind, of all partitions of a task, in one Float64Array. Polls and acknowledgements only leave
 * numbers here; what they mean is worked out when somebody asks.
 */
export class ReplicationLag {
  readonly #clock: Clock
  readonly #startedAtMs: number
  readonly #values: Float64Array
  #records = 0
  #bytes = 0

  constructor(partitions: number, clock: Clock) {
    this.#clock = clock
    this.#startedAtMs = clock.monotonic()
    this.#values = new Float64Array(partitions * fields)
    for (let index = 0; index < partitions; index++) this.#values.set(unknown, index * fields)
  }

  /** @param firstOffset of what was polled */
  polled(index: number, firstOffset: bigint, records: number, bytes: number): void {
    const at = index * fields
    const values = this.#values
    if (Number.isNaN(read(values, at + acked))) values[at + acked] = Number(firstOffset)
    if (Number.isNaN(read(values, at + behindSince))) values[at + behindSince] = this.#clock.monotonic()
    values[at + polledRecords] = read(values, at + polledRecords) + records
    values[at + polledBytes] = read(values, at + polledBytes) + bytes
    this.#records += records
    this.#bytes += bytes
  }

  /**
   * @param nextOffset everything before it is at the target, or never will be
   * @param newestMs largest timestamp of its records; negative where it has none
   */
  settled(index: number, nextOffset: bigint, newestMs: number, log: SourceLogState | undefined): void {
    const at = index * fields
    const values = this.#values
    values[at + acked] = Number(nextOffset)
    if (newestMs >= 0) values[at + newest] = newestMs
    if (log?.highWatermark !== undefined && nextOffset >= log.highWatermark) this.#setLevel(at)
  }

  /** What was acknowledged says nothing of the log as it is now: its end is lost, or the topic is another one. */
  forget(index: number): void {
    this.#values[index * fields + acked] = NaN
  }

  /** Undefined while the end of the log, or the position in it, is not known. */
  lagOf(index: number, { highWatermark, logStartOffset = 0n, position }: SourceLogState): Lag | undefined {
    const at = index * fields
    const values = this.#values
    if (highWatermark === undefined || position === undefined) return undefined
    if (Number.isNaN(read(values, at + acked))) values[at + acked] = Number(position)
    // What lies below the start of the log is gone: no lag, but a gap.
    const from = Math.max(read(values, at + acked), Number(logStartOffset))
    const records = Math.max(Number(highWatermark) - from, 0)
    if (records === 0) {
      this.#setLevel(at)
      return level
    }
    if (Number.isNaN(read(values, at + behindSince))) values[at + behindSince] = this.#clock.monotonic()
    return { records, bytes: Math.round(records * this.#meanBytes(at)), seconds: this.#secondsBehind(at) }
  }

  #setLevel(at: number): void {
    this.#values[at + behindSince] = NaN
    this.#values[at + wasLevel] = 1
  }

  #meanBytes(at: number): number {
    const records = read(this.#values, at + polledRecords)
    if (records > 0) return read(this.#values, at + polledBytes) / records
    return this.#records > 0 ? this.#bytes / this.#records : 0
  }

  /**
   * Both times are bounds from above: a record that is missing is no older than the newest that is there, and came after the
   * partition was level. The first alone would make a quiet topic's next record look like hours of lag. Before the first
   * acknowledgement all that is known is how long it did not come.
   */
  #secondsBehind(at: number): number {
    const values = this.#values
    const newestMs = read(values, at + newest)
    const behindMs = this.#clock.monotonic() - read(values, at + behindSince)
    const ageMs = newestMs < 0 ? this.#clock.monotonic() - this.#startedAtMs : this.#clock.now() - newestMs
    const ms = read(values, at + wasLevel) === 1 ? Math.min(ageMs, behindMs) : ageMs
    return Math.max(ms, 0) / 1000
  }
}

/** Source offset behind all that is acknowledged; NaN while unknown. */
const acked = 0
/** Largest timestamp of the newest acknowledged batch. */
const newest = 1
/** clock.monotonic() since when there is lag; NaN while there is none. */
const behindSince = 2
/** 1 once there was no lag. */
const wasLevel = 3
const polledRecords = 4
const polledBytes = 5
const fields = 6
const unknown = [NaN, -1, NaN, 0, 0, 0]

function read(values: Float64Array, slot: number): number {
  return values[slot] ?? NaN
}
