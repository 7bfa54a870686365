/** Randomness that can be repeated: `FAULT_SEED=123 npm run test:fault` does what the run with that seed did. */

/** Named in the titles of tests that use it. */
export const faultSeed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1_000_000))

export interface SeededRandom {
  /** From 0 up to 1, without 1. */
  next(): number
  /** A whole number of the range, ends included. */
  between(from: number, to: number): number
  pick<T>(choices: readonly T[]): T
}

/** mulberry32 */
export function seededRandom(seed = faultSeed): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    pick(choices) {
      const picked = choices[between(0, choices.length - 1)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    }
  }
}
