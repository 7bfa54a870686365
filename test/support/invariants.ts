/**
 * What mirroring promises about whole topics: every source record is at the target, in order per partition. Repeats are
 * told from disorder: after a crash a stretch may be sent again, from an earlier record on, gapless.
 */
import { type TopicRecord } from '../../dev/local-kafka/topic-records.ts'

/** A record that is known by its content; in one source partition no two may have the same identity. */
export interface IdentifiedRecord {
  readonly partition: number
  readonly offset: bigint
  readonly identity: string
}

/** Source offsets, both included. */
export interface OffsetRange {
  readonly partition: number
  readonly fromOffset: bigint
  readonly toOffset: bigint
}

export interface MirrorReport {
  /** Source records. */
  readonly records: number
  /** Target records that repeat an earlier one. */
  readonly duplicates: number
  /** The stretches of the source that were repeated. */
  readonly replays: readonly OffsetRange[]
  /** Source records that are not at the target. */
  readonly missing: readonly OffsetRange[]
  /** What no replay explains, in words: a record that comes late, a replay with holes, a record that the source never had. */
  readonly faults: readonly string[]
}

export function identified({ partition, offset, timestamp, key, value, headers }: TopicRecord): IdentifiedRecord {
  const parts = [key, value, ...headers.flatMap((header) => [Buffer.from(header.key), header.value])]
  const identity = [timestamp, ...parts.map((bytes) => bytes?.toString('base64') ?? '-')].join(' ')
  return { partition, offset, identity }
}

/** Both in any order of partitions; each partition is put in the order of its offsets. */
export function compareMirrored(
  source: readonly IdentifiedRecord[],
  target: readonly IdentifiedRecord[]
): MirrorReport {
  const sources = byPartition(source)
  const targets = byPartition(target)
  const partitions = [...new Set([...sources.keys(), ...targets.keys()])].sort((a, b) => a - b)
  const reports = partitions.map((partition) =>
    comparePartition(partition, sources.get(partition) ?? [], targets.get(partition) ?? [])
  )
  return {
    records: source.length,
    duplicates: reports.reduce((sum, { duplicates }) => sum + duplicates, 0),
    replays: reports.flatMap(({ replays }) => replays),
    missing: reports.flatMap(({ missing }) => missing),
    faults: reports.flatMap(({ faults }) => faults)
  }
}

type PartitionReport = Omit<MirrorReport, 'records'>

function comparePartition(
  partition: number,
  source: readonly IdentifiedRecord[],
  target: readonly IdentifiedRecord[]
): PartitionReport {
  const walk = new PartitionWalk(partition, source)
  for (const record of target) walk.next(record)
  return walk.end()
}

/** Follows a target partition through the source's order. */
class PartitionWalk {
  readonly #partition: number
  readonly #source: readonly IdentifiedRecord[]
  readonly #indexes: ReadonlyMap<string, number>
  readonly #seen = new Set<number>()
  readonly #repeated: number[] = []
  readonly #faults: string[] = []
  #previous = -1
  #furthest = -1

  constructor(partition: number, source: readonly IdentifiedRecord[]) {
    this.#partition = partition
    this.#source = source
    this.#indexes = new Map(source.map(({ identity }, index) => [identity, index]))
    if (this.#indexes.size < source.length) throw new Error(`records of source partition ${partition} look alike`)
  }

  next({ identity, offset }: IdentifiedRecord): void {
    const index = this.#indexes.get(identity)
    if (index === undefined) {
      this.#fault(`target offset ${offset}: the source has no such record`)
      return
    }
    if (this.#seen.has(index)) this.#repeated.push(index)
    else if (index < this.#furthest)
      this.#fault(`target offset ${offset}: source offset ${this.#offset(index)} comes late`)
    // A replay repeats everything up to where the log was when the crash came.
    for (let skipped = this.#previous + 1; skipped < index; skipped++) {
      if (!this.#seen.has(skipped)) continue
      this.#fault(`target offset ${offset}: a replay leaves out source offset ${this.#offset(skipped)}`)
      break
    }
    this.#seen.add(index)
    this.#previous = index
    this.#furthest = Math.max(this.#furthest, index)
  }

  end(): PartitionReport {
    if (this.#previous < this.#furthest)
      this.#fault(`the last replay ends at source offset ${this.#offset(this.#previous)}`)
    const missing = [...this.#source.keys()].filter((index) => !this.#seen.has(index))
    return {
      duplicates: this.#repeated.length,
      replays: this.#ranges(this.#repeated),
      missing: this.#ranges(missing),
      faults: this.#faults
    }
  }

  #fault(what: string): void {
    this.#faults.push(`partition ${this.#partition}, ${what}`)
  }

  #offset(index: number): bigint {
    return this.#source[index]?.offset ?? -1n
  }

  #ranges(indexes: readonly number[]): OffsetRange[] {
    const runs: [number, number][] = []
    for (const index of indexes) {
      const last = runs.at(-1)
      if (last !== undefined && index === last[1] + 1) last[1] = index
      else runs.push([index, index])
    }
    return runs.map(([first, last]) => ({
      partition: this.#partition,
      fromOffset: this.#offset(first),
      toOffset: this.#offset(last)
    }))
  }
}

function byPartition(records: readonly IdentifiedRecord[]): Map<number, IdentifiedRecord[]> {
  const sorted = records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
  const partitions = new Map<number, IdentifiedRecord[]>()
  for (const record of sorted) {
    const list = partitions.get(record.partition)
    if (list === undefined) partitions.set(record.partition, [record])
    else list.push(record)
  }
  return partitions
}
