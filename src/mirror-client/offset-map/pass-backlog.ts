import { type Backlog } from './map-chunk.ts'

/** Counts down what a pass has to mirror again before it says the same as the passes before it. See Backlog. */
export class PassBacklog {
  #reach = 0n
  #missing = 0
  /** Up to this target offset it is known what records before this session lie there. */
  #knownEnd = 0n
  #sourceEnd: bigint | undefined

  /** Undefined: there is nothing to wait for. */
  get stored(): Backlog | undefined {
    return this.#reach === 0n && this.#missing === 0 ? undefined : { at: this.#reach, records: this.#missing }
  }

  /** Of a pass that can never catch up: what it lacks is lost, and earlier passes hold it. */
  get endless(): Backlog {
    return { at: this.#reach, records: Math.max(1, this.#missing) }
  }

  get hasMissing(): boolean {
    return this.#missing > 0
  }

  /** @param position where the pass has come to */
  isBehind(position: bigint): boolean {
    return this.#missing > 0 || position < this.#reach
  }

  load(backlog: Backlog | undefined): void {
    this.#reach = backlog?.at ?? 0n
    this.#missing = backlog?.records ?? 0
  }

  clear(): void {
    this.load(undefined)
  }

  forgetReach(): void {
    this.#reach = 0n
  }

  reachAtLeast(position: bigint): void {
    if (position > this.#reach) this.#reach = position
  }

  targetKnownTo(d: bigint): void {
    this.#knownEnd = d
  }

  /** Records up to target offset `d` are to be mirrored again. */
  expect(d: bigint): void {
    this.#missAtLeast(Number(d - this.#knownEnd))
  }

  /** It is not known where the last records lie. */
  expectMore(): void {
    this.#missAtLeast(1)
  }

  /** Undefined: it is another source log from here on. */
  sourceEnds(at: bigint | undefined): void {
    this.#sourceEnd = at
  }

  get sourceEnd(): bigint | undefined {
    return this.#sourceEnd
  }

  /** `records` were mirrored up to where the pass is now; `isAdrift`: it is not known where the last ones lie. */
  settle(position: bigint, records: number, isAdrift: boolean): void {
    const start = position - BigInt(records)
    const from = start > this.#reach ? start : this.#reach
    if (position > from) this.#missing = Math.max(0, this.#missing - Number(position - from))
    const isAllMirrored =
      this.#sourceEnd !== undefined && position >= this.#sourceEnd && position >= this.#reach && !isAdrift
    if (isAllMirrored) this.#missing = 0
    if (this.#missing === 0) this.reachAtLeast(position)
  }

  #missAtLeast(records: number): void {
    if (records > this.#missing) this.#missing = records
  }
}
