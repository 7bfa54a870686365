import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { PartitionMapWriter, type MapRecord } from '../../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { type PartitionMap } from '../../../../src/mirror-client/offset-map/partition-map.ts'

export type SourceKind = 'record' | 'marker' | 'compacted' | 'filtered' | 'refused'

type SourceStep =
  | { readonly do: 'produce'; readonly kind: SourceKind; readonly count: number }
  | { readonly do: 'compactSource'; readonly at: number }
  | { readonly do: 'sourceRetention' | 'truncateSource'; readonly count: number }
  | { readonly do: 'recreateSource' }

/** `foreign`: others write to the target partition. */
interface TargetStep {
  readonly do: 'foreign' | 'truncateTarget' | 'pruneTarget'
  readonly count: number
}

type TaskStep =
  | { readonly do: 'mirror'; readonly count: number; readonly isLost: boolean }
  | { readonly do: 'write'; readonly fails: boolean }
  | { readonly do: 'commit' | 'crash' | 'zombieWrite' }
  /** Somebody stores another position while no task runs. */
  | { readonly do: 'alterPosition'; readonly percent: number }

export type Step =
  | { readonly of: 'source'; readonly step: SourceStep }
  | { readonly of: 'target'; readonly step: TargetStep }
  | { readonly of: 'task'; readonly step: TaskStep }

export const topic = 'orders'

interface Session {
  readonly writer: PartitionMapWriter
  position: number
}

/** What a target offset holds: a record of this life of the source topic, or anything else. */
interface TargetRecord {
  readonly life: number
  readonly u: number
}

/** A source and a target partition, the tasks that mirror one to the other, and the topic that they keep their map in. */
export class MirrorHistory {
  life = 1
  source: SourceKind[] = []
  sourceStart = 0
  target: (TargetRecord | undefined)[] = []
  targetStart = 0
  readonly log: MapRecord[] = []
  /** The target lost its end, and no acknowledgement has shown it yet. Nobody could see it if the log grew again unseen. */
  isTargetUnseen = false
  stored: number | undefined
  session: Session | undefined
  #zombies: PartitionMapWriter[] = []
  /** Source position that some task of this life has come to. */
  #comeTo = 0

  take({ of, step }: Step): void {
    if (of === 'source') this.#changeSource(step)
    else if (of === 'target') this.#changeTarget(step)
    else this.#run(step)
  }

  /** Starts a task where none runs. */
  running(): Session {
    if (this.session !== undefined) return this.session
    const position = this.stored ?? this.sourceStart
    const writer = new PartitionMapWriter(mapOf(this.log), {
      topic,
      partition: 0,
      sourceTopicId: this.topicId,
      targetTopicId: Buffer.alloc(16, 200),
      targetLogEnd: BigInt(this.target.length),
      position: BigInt(position),
      isFresh: this.stored === undefined
    })
    this.session = { writer, position }
    return this.session
  }

  get topicId(): Buffer {
    return Buffer.alloc(16, this.life)
  }

  mirror(count: number, isLost: boolean): void {
    const session = this.running()
    this.#meetGaps(session)
    const end = Math.min(this.source.length, session.position + count)
    while (session.position < end) this.#step(session, end, isLost)
  }

  write(fails: boolean): void {
    const taken = this.session?.writer.take() ?? []
    if (fails) this.session?.writer.restore()
    else {
      this.session?.writer.written()
      this.log.push(...taken)
    }
  }

  commit(): void {
    if (this.session === undefined) return
    this.write(false)
    this.stored = this.session.position
  }

  crash(): void {
    if (this.session !== undefined) this.#zombies.push(this.session.writer)
    this.session = undefined
    if (!this.isTargetUnseen) return
    this.isTargetUnseen = false
    this.running()
  }

  /** Mirrors all there is and stores it. */
  finish(): void {
    const session = this.running()
    session.writer.sourceEnds(BigInt(Math.max(this.source.length, session.position)))
    this.mirror(this.source.length, false)
    this.commit()
  }

  /** Target offset of the last copy of each record of this life. */
  lastCopies(): Map<number, number> {
    const copies = new Map<number, number>()
    for (const [d, record] of this.target.entries()) if (record?.life === this.life) copies.set(record.u, d)
    return copies
  }

  #run(step: TaskStep): void {
    switch (step.do) {
      case 'mirror':
        this.mirror(step.count, step.isLost)
        return
      case 'write':
        this.write(step.fails)
        return
      case 'commit':
        this.commit()
        return
      case 'crash':
        this.crash()
        return
      case 'zombieWrite':
        for (const zombie of this.#zombies.splice(0)) this.log.push(...zombie.take())
        return
      case 'alterPosition':
        if (this.session === undefined) this.stored = Math.floor((this.source.length * step.percent) / 100)
    }
  }

  #changeTarget({ do: what, count }: TargetStep): void {
    if (what === 'truncateTarget') {
      this.isTargetUnseen ||= this.session !== undefined && this.target.length > 0
      this.target.length = Math.max(0, this.target.length - count)
      this.running()
    } else if (what === 'pruneTarget') {
      this.targetStart = Math.min(this.target.length, this.targetStart + count)
      if (this.session !== undefined) this.log.push(...this.session.writer.prune(BigInt(this.targetStart)))
    } else if (!this.isTargetUnseen) {
      for (let index = 0; index < count; index++) this.target.push(undefined)
    }
  }

  #changeSource(step: SourceStep): void {
    switch (step.do) {
      case 'produce':
        for (let index = 0; index < step.count; index++) this.source.push(step.kind)
        return
      case 'compactSource':
        if (this.source[step.at] === 'record') this.source[step.at] = 'compacted'
        return
      case 'sourceRetention':
        this.sourceStart = Math.min(this.source.length, this.sourceStart + step.count)
        return
      case 'truncateSource':
        this.#truncateSource(step.count)
        return
      case 'recreateSource':
        this.#recreateSource()
    }
  }

  #meetGaps(session: Session): void {
    const end = this.source.length
    if (session.position > end) {
      session.writer.skipped(BigInt(session.position), BigInt(end), 'recreated')
      session.position = end
    }
    if (session.position < this.sourceStart) {
      session.writer.skipped(BigInt(session.position), BigInt(this.sourceStart), 'retention')
      session.position = this.sourceStart
    }
  }

  #step(session: Session, end: number, isLost: boolean): void {
    const { writer, position } = session
    const kind = this.source[position]
    let to = position
    while (to < end && this.source[to] === kind) to++
    session.position = to
    this.#comeTo = Math.max(this.#comeTo, to)
    if (kind === 'record') {
      const d = this.target.length
      for (let u = position; u < to; u++) this.target.push({ life: this.life, u })
      writer.mirrored(BigInt(position), isLost && !this.isTargetUnseen ? -1n : BigInt(d), to - position)
      this.isTargetUnseen = false
    } else if (kind === 'marker' || kind === 'filtered' || kind === 'refused') {
      writer.skipped(BigInt(position), BigInt(to), kind)
    }
    if (to === end) writer.covered(BigInt(to))
  }

  #recreateSource(): void {
    const { session } = this
    const from = BigInt(session?.position ?? 0)
    this.life++
    this.#comeTo = 0
    this.source = []
    this.sourceStart = 0
    if (session === undefined) this.stored = undefined
    else {
      session.position = 0
      session.writer.recreated(from, 0n, this.topicId)
    }
  }

  #truncateSource(count: number): void {
    const end = Math.max(this.sourceStart, this.source.length - count)
    if (end === this.source.length) return
    // Only a position beyond the new end shows it. What was mirrored further, without a position that tells, nobody can tell
    // from what the source holds at these offsets later.
    const isSeen = (this.session?.position ?? this.stored ?? 0) > end
    if (!isSeen && this.#comeTo > end) return
    this.source.length = end
    this.#comeTo = Math.min(this.#comeTo, end)
    // What was mirrored of the lost end is not of this log any more.
    for (const [d, record] of this.target.entries()) {
      if (record?.life === this.life && record.u >= end) this.target[d] = undefined
    }
    // The task meets it at its next fetch, before there is anything new.
    if (this.session !== undefined) this.#meetGaps(this.session)
    else if (this.stored !== undefined && this.stored > end) this.#noticeAtStart()
  }

  #noticeAtStart(): void {
    this.#meetGaps(this.running())
  }
}

export function mapOf(log: readonly MapRecord[]): OffsetMap {
  const map = new OffsetMap({
    onInvalid: (error) => {
      throw error
    }
  })
  for (const { key, value } of log) map.apply(key, value)
  return map
}

export function partitionOf(log: readonly MapRecord[]): PartitionMap | undefined {
  return mapOf(log).partition(topic, 0)
}

/** What compaction leaves: the newest record of each key, in the order of the topic. */
export function compacted(log: readonly MapRecord[]): MapRecord[] {
  const newest = new Map(log.map((record) => [record.key.toString('hex'), record]))
  return log.filter((record) => newest.get(record.key.toString('hex')) === record)
}
