/** A source of numbers in [0, 1), handed in so that tests are repeatable. */
export type Random = () => number

export const systemRandom: Random = () => Math.random()
