import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type WorkKind, WorkSet, compareText } from './work-set.ts'

/** What each member runs, by member id. */
export type Loads = ReadonlyMap<string, WorkSet>

/**
 * What members have too much of, so that nobody holds more than its share of `total`: `total / members`, and one more for as
 * many members as the division leaves over. Members that hold one more already keep it, in the order of the map.
 */
export function surplusOf(kind: WorkKind, loads: Loads, total: number): ReadonlyMap<string, WorkSet> {
  const share = Math.floor(total / loads.size)
  let extrasLeft = total % loads.size
  const surplus = new Map<string, WorkSet>()
  for (const [memberId, load] of loads) {
    const held = load.ofKind(kind)
    if (held.length <= share) continue
    const limit = extrasLeft > 0 ? share + 1 : share
    extrasLeft -= limit - share
    if (held.length > limit) surplus.set(memberId, new WorkSet(held.slice(0, held.length - limit)))
  }
  return surplus
}

/** Adds items of a kind to the loads that hold the least of it, one at a time, ties by member id. */
export function dealOut(kind: WorkKind, items: readonly ConnectorTaskId[], loads: Loads): void {
  const members = [...loads]
    .map(([memberId, load]) => ({ memberId, load, count: load.ofKind(kind).length }))
    .sort((a, b) => a.count - b.count || compareText(a.memberId, b.memberId))
  let turn = 0
  for (const item of items) {
    // From the front up to the first that holds more than the first one did when this turn began; then again from the front.
    const member = members[turn]
    if (member === undefined) return
    member.load.add(item)
    member.count += 1
    const next = members[turn + 1]
    turn = next === undefined || next.count >= member.count ? 0 : turn + 1
  }
}
