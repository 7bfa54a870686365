import { type OffsetSync } from './offset-sync.ts'

/** Told apart by identity, not by their numbers. */
type Sync = Pick<OffsetSync, 'upstreamOffset' | 'downstreamOffset'>

const slotCount = 64
const oldestSlot = slotCount - 1

/**
 * The syncs of one source partition that are worth keeping: dense near the newest, ever sparser towards the oldest, so that a
 * position far behind is translated all the same, only more coarsely. Slot 0 holds the newest, slot 63 the oldest usable
 * one; neighbours may hold the same. Which syncs are kept is the reference's rule to the last one (spec 8.2): a Java checkpoint
 * task on the same topic translates as this one does.
 *
 * With U(i) the upstream offset in slot i, for all i < j whose syncs differ:
 * B: U(i) <= U(j) + 2^j - 2^i (none is too old for its slot), C: U(i) >= U(j) + 2^max(i-2, 0) (they are spread out).
 * Arithmetic is that of signed 64 bits, which wraps.
 */
export class OffsetSyncSlots {
  #slots: Sync[]

  constructor(first: Sync) {
    this.#slots = filledWith(first)
  }

  /** The syncs from the newest to the oldest, a slot each. */
  get slots(): readonly Sync[] {
    return this.#slots
  }

  /** The newest sync at or before an upstream offset. Undefined: all that are kept lie behind it. */
  find(upstreamOffset: bigint): Sync | undefined {
    return this.#slots.find((sync) => sync.upstreamOffset <= upstreamOffset)
  }

  /** Whether the target lost what the newest sync speaks of: a later record lies before it. */
  isTargetBehind(sync: Sync): boolean {
    return sync.downstreamOffset < at(this.#slots, 0).downstreamOffset
  }

  /** Forgets all others. */
  replaceAll(sync: Sync): void {
    this.#slots = filledWith(sync)
  }

  /** Takes a sync in; one that lies before the newest means that the source went back, and voids all others. */
  insert(sync: Sync): void {
    const [newest] = this.#slots
    if (newest === undefined || sync.upstreamOffset < newest.upstreamOffset) this.replaceAll(sync)
    else this.#slots = inserted(this.#slots, sync)
  }
}

function filledWith(sync: Sync): Sync[] {
  return Array.from({ length: slotCount }, () => sync)
}

/**
 * The slots with a newer sync in front. Going towards older slots, each that would break B takes the next of the former syncs
 * that is near enough to the slot before and far enough from both neighbours; the first slot that needs nothing ends it, as all
 * behind it are as valid as they were.
 */
function inserted(former: readonly Sync[], sync: Sync): Sync[] {
  const slots = [...former]
  slots[0] = sync
  let previous = sync
  let candidate = 0
  let taken = sync
  for (let slot = 1; slot < slotCount; slot++) {
    let isSpent: boolean
    do {
      const offered = at(former, candidate)
      const isApart = isFarEnough(previous, slot - 1, offered)
      const leavesRoom = slot === oldestSlot || isFarEnough(offered, slot, at(slots, slot + 1))
      const isUsable = isApart && leavesRoom && isNearEnough(previous, offered, slot)
      isSpent = !isApart || (candidate < oldestSlot && offered === former[candidate + 1])
      if (isUsable) taken = offered
      if (isUsable || isSpent) candidate++
    } while (isSpent && candidate < slot)
    if (isNearEnough(previous, at(slots, slot), slot)) break
    slots[slot] = taken
    previous = taken
  }
  return slots
}

/** B between a slot and the one before it. Past the largest offset there is no bound. */
function isNearEnough(previous: Sync, older: Sync, slot: number): boolean {
  if (previous === older) return true
  const limit = BigInt.asIntN(64, older.upstreamOffset + powerOfTwo(slot) - powerOfTwo(slot - 1))
  return limit < 0n || previous.upstreamOffset <= limit
}

/** C between the sync in a slot and an older one. */
function isFarEnough(newer: Sync, slot: number, older: Sync): boolean {
  if (newer === older) return true
  const limit = BigInt.asIntN(64, older.upstreamOffset + powerOfTwo(Math.max(slot - 2, 0)))
  return limit >= 0n && newer.upstreamOffset >= limit
}

const powers = Array.from({ length: slotCount }, (_, exponent) => 1n << BigInt(exponent))

function powerOfTwo(exponent: number): bigint {
  return powers[exponent] ?? 0n
}

/** Slots are asked for by indexes that exist. */
function at(slots: readonly Sync[], index: number): Sync {
  const sync = slots[index]
  if (sync === undefined) throw new RangeError(`There is no slot ${index}`)
  return sync
}
