import { type MapPart } from './map-chunk.ts'

/** Where the first record at or behind a source position is. */
export interface Landing {
  readonly d: bigint
  /** False: what lies before it is not known; `d` is the end of the records before that. */
  readonly isKnown: boolean
}

/** Undefined: from there on the part holds no record, and no hole of unknown reason. A position before the part is its start. */
export function landingIn(part: MapPart, position: bigint): Landing | undefined {
  const x = position <= part.from ? 0 : Number(position - part.from)
  let index = lastIndex(part.segments, ({ u }) => u <= x)
  for (let start = x; index < part.segments.length; index++) {
    const segment = part.segments[index]
    if (segment === undefined) return undefined
    const period = segment.run + segment.hole
    const inside = Math.max(0, start - segment.u)
    const turn = Math.floor(inside / period)
    const rest = inside - turn * period
    if (turn < segment.times) {
      if (rest < segment.run) return { d: part.d + BigInt(segment.d + turn * segment.run + rest), isKnown: true }
      const behind = segment.d + (turn + 1) * segment.run
      if (segment.reason === 'unknown') return { d: part.d + BigInt(behind), isKnown: false }
      if (turn + 1 < segment.times) return { d: part.d + BigInt(behind), isKnown: true }
    }
    start = 0
  }
  return undefined
}

/** Source offset of the record at a target position, if the part has it. */
export function recordAt(part: MapPart, targetPosition: bigint): bigint | undefined {
  if (targetPosition < part.d || targetPosition >= part.dEnd) return undefined
  const y = Number(targetPosition - part.d)
  const segment = part.segments[lastIndex(part.segments, ({ d }) => d <= y)]
  if (segment === undefined || segment.run === 0) return undefined
  const inside = y - segment.d
  if (inside >= segment.times * segment.run) return undefined
  const turn = Math.floor(inside / segment.run)
  return part.from + BigInt(segment.u + turn * (segment.run + segment.hole) + inside - turn * segment.run)
}

/** Source position behind the last record before a target position; undefined: the part has none there. */
export function positionBefore(part: MapPart, targetPosition: bigint): bigint | undefined {
  if (targetPosition <= part.d) return undefined
  const y = Number((targetPosition < part.dEnd ? targetPosition : part.dEnd) - part.d)
  let index = lastIndex(part.segments, ({ d }) => d < y)
  while (part.segments[index]?.run === 0) index--
  const segment = part.segments[index]
  if (segment === undefined) return undefined
  const records = Math.min(y - segment.d, segment.times * segment.run)
  const turns = Math.ceil(records / segment.run) - 1
  return part.from + BigInt(segment.u + turns * (segment.run + segment.hole) + records - turns * segment.run)
}

/**
 * The part without what lies at target offset `bound` or behind it. Undefined: nothing is left. That the source lost its end
 * where the part begins stays true without any of its records: positions behind that belong to others than before.
 */
export function cutPart(part: MapPart, bound: bigint): MapPart | undefined {
  if (part.dEnd <= bound) return part
  if (part.d >= bound) {
    if (part.reason !== 'recreated' || part.isContinued) return undefined
    return { ...part, segments: [], to: part.from, d: bound, dEnd: bound }
  }
  const y = Number(bound - part.d)
  const index = lastIndex(part.segments, ({ d, run }) => d < y || (d === y && run === 0))
  const segments = part.segments.slice(0, index)
  const last = part.segments[index]
  let u = 0
  if (last !== undefined) {
    const records = Math.min(y - last.d, last.times * last.run)
    const turns = last.run === 0 ? last.times : Math.floor(records / last.run)
    const rest = last.run === 0 ? 0 : records - turns * last.run
    if (turns > 0) segments.push({ ...last, times: turns })
    u = last.u + turns * (last.run + last.hole)
    const d = last.d + turns * last.run
    if (rest > 0) segments.push({ u, d, run: rest, hole: 0, reason: 'unknown', times: 1 })
    u += rest
  }
  const end = segments.at(-1)
  const dEnd = end === undefined ? 0 : end.d + end.times * end.run
  return { ...part, segments, to: part.from + BigInt(u), dEnd: part.d + BigInt(dEnd) }
}

/** Index of the last one that `holds`; they hold up to some index, and not from there on. -1: none holds. */
export function lastIndex<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && holds(item)) low = middle + 1
    else high = middle
  }
  return low - 1
}
