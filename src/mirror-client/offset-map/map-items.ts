import { ProtocolError } from '../../wire/reader.ts'
import { type HoleReason, holeReasons } from './partition-map.ts'

/**
 * Runs and holes as bytes. An item is one unsigned varint, its kind in the low two bits:
 *
 *   run     length << 2                          so many records, one after the other on both sides
 *   hole    (length << 3 | reason) << 2 | 1      so many source offsets without a record on the target
 *   repeat  times << 2 | 2                       the run before, and the hole behind it, so many times more
 *   jump    length << 2 | 3                      so many target offsets that are somebody else's
 *
 * A reason's number is its place in `holeReasons`. The format is permanent.
 */
const kinds = { run: 0, hole: 1, repeat: 2, jump: 3 } as const

/** Longer stretches are cut, so that what is made of a length stays an exact double. */
export const maxItemLength = 2 ** 47
export const maxItemBytes = 8

/** `times` times so many records with a hole behind them. Positions count from the start of the part. */
export interface Segment {
  readonly u: number
  readonly d: number
  /** Records; 0: this is a hole alone. */
  readonly run: number
  /** Source offsets behind each run; 0: none. */
  readonly hole: number
  readonly reason: HoleReason
  readonly times: number
}

export interface DecodedItems {
  readonly segments: readonly Segment[]
  readonly sourceLength: number
  readonly targetLength: number
}

/** Throws ProtocolError on bytes that no writer writes. */
export function decodeItems(bytes: Buffer): DecodedItems {
  const segments: Segment[] = []
  let sourceLength = 0
  let targetLength = 0
  let open: { run: number; hole: number; reason: HoleReason; times: number } | undefined
  const close = (): void => {
    if (open === undefined) return
    segments.push({ u: sourceLength, d: targetLength, ...open })
    sourceLength = exact(sourceLength + open.times * (open.run + open.hole))
    targetLength = exact(targetLength + open.times * open.run)
    open = undefined
  }
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) {
    const item = takeUnsigned(cursor)
    const kind = item % 4
    const length = (item - kind) / 4
    if (length === 0) throw new ProtocolError(`Item before byte ${cursor.at} has no length`)
    if (kind === kinds.run) {
      close()
      open = { run: length, hole: 0, reason: 'unknown', times: 1 }
    } else if (kind === kinds.hole) {
      if (open === undefined || open.hole > 0) {
        close()
        open = { run: 0, hole: 0, reason: 'unknown', times: 1 }
      }
      open.reason = reasonOf(length % 8)
      open.hole = Math.floor(length / 8)
    } else if (kind === kinds.repeat) {
      if (open === undefined || open.run === 0 || open.times > 1) throw new ProtocolError('Nothing to repeat')
      open.times += length
    } else {
      close()
      targetLength = exact(targetLength + length)
    }
  }
  close()
  return { segments, sourceLength, targetLength }
}

const nothing = Buffer.alloc(0)

/** Appends runs and holes: the newest run grows in place, like pairs of run and hole become a count. */
export class ItemWriter {
  /** Empty while one pair tells all, as it does where nothing is missing. */
  #bytes = nothing
  #end = 0
  /** The last pair that is complete, and how many times it came. */
  #pairRun = 0
  #pairHole = 0
  #pairReason: HoleReason = 'unknown'
  #pairTimes = 0
  /** The pair that grows. */
  #run = 0
  #hole = 0
  #reason: HoleReason = 'unknown'

  /** Not less than the bytes that `encode` returns. */
  get maxBytes(): number {
    return this.#end + 5 * maxItemBytes
  }

  run(length: number): void {
    if (this.#hole > 0 || this.#run + length > maxItemLength) this.#closePair()
    this.#run += length
  }

  hole(length: number, reason: HoleReason): void {
    if (this.#hole > 0 && (this.#reason !== reason || this.#hole + length > maxItemLength)) this.#closePair()
    this.#hole += length
    this.#reason = reason
  }

  jump(length: number): void {
    this.#closePair()
    this.#flushPair()
    this.#put(length * 4 + kinds.jump)
  }

  /** Takes over what was written before. */
  segment({ run, hole, reason, times }: Segment): void {
    this.#closePair()
    if (run > 0) this.run(run)
    if (hole > 0) this.hole(hole, reason)
    if (times === 1) return
    this.#closePair()
    this.#pairTimes += times - 1
  }

  /** A copy. `tail`: holes at the end that are not (yet) a part of this. */
  encode(tail: readonly HoleItem[] = []): Buffer {
    const [bytes, end] = [this.#bytes, this.#end]
    this.#putPair(this.#pairRun, this.#pairHole, this.#pairReason, this.#pairTimes)
    this.#putPair(this.#run, this.#hole, this.#reason, 1)
    for (const { length, reason } of tail) this.#putPair(0, length, reason, 1)
    const encoded = Buffer.from(this.#bytes.subarray(0, this.#end))
    this.#bytes = bytes
    this.#end = end
    return encoded
  }

  #closePair(): void {
    if (this.#run === 0 && this.#hole === 0) return
    const isRepeat =
      this.#run > 0 &&
      this.#run === this.#pairRun &&
      this.#hole === this.#pairHole &&
      (this.#reason === this.#pairReason || this.#hole === 0)
    if (isRepeat && this.#pairTimes > 0) this.#pairTimes++
    else {
      this.#flushPair()
      this.#pairRun = this.#run
      this.#pairHole = this.#hole
      this.#pairReason = this.#reason
      this.#pairTimes = 1
    }
    this.#run = 0
    this.#hole = 0
  }

  #flushPair(): void {
    this.#putPair(this.#pairRun, this.#pairHole, this.#pairReason, this.#pairTimes)
    this.#pairTimes = 0
  }

  #putPair(run: number, hole: number, reason: HoleReason, times: number): void {
    if (times === 0) return
    if (run > 0) this.#put(run * 4 + kinds.run)
    if (hole > 0) this.#put((hole * 8 + holeReasons.indexOf(reason)) * 4 + kinds.hole)
    if (times > 1) this.#put((times - 1) * 4 + kinds.repeat)
  }

  #put(item: number): void {
    if (this.#end + maxItemBytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(32, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#end)
      this.#bytes = larger
    }
    this.#end = putUnsigned(this.#bytes, this.#end, item)
  }
}

export interface HoleItem {
  readonly length: number
  readonly reason: HoleReason
}

export function reasonOf(code: number): HoleReason {
  const reason = holeReasons[code]
  if (reason === undefined) throw new ProtocolError(`No hole has reason ${code}`)
  return reason
}

/** Like protobuf's: low seven bits first. `value` is a safe integer. Returns the position behind it. */
function putUnsigned(buffer: Buffer, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[end++] = (rest % 128) | 128
  buffer[end++] = rest
  return end
}

function takeUnsigned(cursor: { readonly bytes: Buffer; at: number }): number {
  let value = 0
  for (let unit = 1; unit <= 2 ** 49; unit *= 128) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) throw new ProtocolError(`Items end within a number at byte ${cursor.bytes.length}`)
    value = exact(value + (byte & 127) * unit)
    if (byte < 128) return value
  }
  throw new ProtocolError(`Number before byte ${cursor.at} is too long`)
}

function exact(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError(`A position is too far from where its part starts`)
  return value
}
