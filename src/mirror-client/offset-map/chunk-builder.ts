import { type Backlog, encodeChunk, encodePart, type MapPart, type PartHead } from './map-chunk.ts'
import { type HoleItem, ItemWriter, maxItemLength } from './map-items.ts'
import { type TopicIds } from './map-passes.ts'
import { type HoleReason } from './partition-map.ts'

/** The newest chunk of a partition while it grows. Knows nothing of what its parts mean. */
export class ChunkBuilder {
  /** Parts that are complete. */
  readonly #parts: Buffer[] = []
  #partBytes = 0
  #head: PartHead | undefined
  #items = new ItemWriter()
  #isAnchored = false
  #length = 0
  #firstD = 0n

  /** The part's start in the target is certain: it has records, or goes on where the chunk before ends. */
  get isAnchored(): boolean {
    return this.#isAnchored
  }

  /** Target offset where the chunk begins. */
  get firstD(): bigint {
    return this.#firstD
  }

  get maxBytes(): number {
    return 34 + this.#partBytes + 40 + this.#items.maxBytes
  }

  /** Whether positions would get too far from where the part begins. */
  get isLong(): boolean {
    return this.#length > maxItemLength
  }

  begin(head: PartHead): void {
    this.#closePart()
    this.#head = head
    this.#items = new ItemWriter()
    this.#isAnchored = head.isContinued
    this.#length = 0
    if (this.#partBytes === 0) this.#firstD = head.d
  }

  /** Takes over a part that was written before, to go on with it. */
  adopt(part: MapPart): void {
    this.begin(part)
    let d = 0
    for (const segment of part.segments) {
      if (segment.d > d) this.#items.jump(segment.d - d)
      this.#items.segment(segment)
      d = segment.d + segment.run * segment.times
      this.#isAnchored ||= segment.run > 0 || segment.reason === 'unknown'
    }
    this.#length = Number(part.to - part.from)
  }

  /** The part has no record yet, and its first one will be at `d`. */
  moveStart(d: bigint): void {
    if (this.#head === undefined) return
    if (this.#partBytes === 0) this.#firstD = d
    this.#head = { ...this.#head, d }
  }

  setBacklog(backlog: Backlog | undefined): void {
    if (this.#head !== undefined) this.#head = { ...this.#head, backlog }
  }

  run(length: number): void {
    this.#items.run(length)
    this.#isAnchored = true
    this.#length += length
  }

  hole(length: number, reason: HoleReason): void {
    this.#items.hole(length, reason)
    this.#length += length
    // Its records are behind the start: moving that would jump over them.
    if (reason === 'unknown') this.#isAnchored = true
  }

  jump(length: number): void {
    this.#items.jump(length)
  }

  encode(ids: TopicIds, tail?: readonly HoleItem[]): Buffer {
    if (this.#head === undefined) return encodeChunk(ids, this.#parts)
    return encodeChunk(ids, [...this.#parts, encodePart(this.#head, this.#items.encode(tail))])
  }

  #closePart(): void {
    // One that came to nothing says nothing, unless that the source lost what earlier ones speak of.
    if (this.#head === undefined || (this.#length === 0 && this.#head.reason !== 'recreated')) return
    const part = encodePart(this.#head, this.#items.encode())
    this.#parts.push(part)
    this.#partBytes += part.length
  }
}
