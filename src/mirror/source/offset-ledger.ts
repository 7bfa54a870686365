import { type CancelTimer, type Clock, endsWithin, untilTickMs } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type AckedRun } from '../../client/raw-producer.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { TransformedBatch } from '../../connect/pipeline/transformed-batch.ts'
import { type SourceBatch } from '../../connect/source-batch.ts'
import { type MapRecord } from '../../mirror-client/offset-map/chunk-outbox.ts'
import { type PartitionMapWriter } from '../../mirror-client/offset-map/partition-map-writer.ts'
import { type OffsetMapTopic } from '../offset-map-topic.ts'
import { RelayedBatch, type RelayPartition } from './batch-relay.ts'
import { type OffsetSyncWriter } from './offset-sync-writer.ts'
import { type LedgerStart, PartitionLedger } from './partition-ledger.ts'
import { targetLogs, targetOffsets } from './target-logs.ts'

/** The offset map, as far as a task uses it. */
export interface LedgerMap {
  readonly topic: Pick<OffsetMapTopic, 'map' | 'cluster' | 'opened' | 'isUsable' | 'append' | 'readToEnd'>
  /** `offset.map.interval.ms` */
  readonly intervalMs: number
  /** Whether the map is kept of a source topic. */
  covers(topic: string): boolean
  /** Gives the topic back. */
  release(): Promise<void>
}

export interface OffsetLedgerOptions {
  /** Undefined: switched off. */
  readonly map: LedgerMap | undefined
  readonly syncs: OffsetSyncWriter | undefined
  /** While it answers false nothing is written: others may do the work. */
  readonly isLeaseHeld: () => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * How long a start waits to read the map, and positions for it to be written. What is mirrored must not depend on one
 * partition that has no leader or is gone: what its map lacks by then stays inexact, and is never jumped over.
 */
const mapPatienceMs = 30_000
const pruneIntervalMs = 600_000
/** Between two looks for target partitions that could not be found. */
const lookUpIntervalMs = 10_000
/** How long a stop waits for the last offset syncs: a source that is gone must not cost the time a task has to stop. */
const lastSyncsMs = 2_500

const ignore = (): void => undefined

/**
 * What became of every source offset of a task: written to the offset map, always before the source positions that it tells
 * of, and to the offset syncs. Without a map that can be written the positions are stored all the same.
 */
export class OffsetLedger {
  readonly #options: OffsetLedgerOptions
  #map: LedgerMap | undefined
  #partitions: readonly PartitionLedger[] = []
  /** Those that may have something to write. */
  #listed: PartitionLedger[] = []
  #writing: Promise<void> | undefined
  /** clock.monotonic() of the start of `#writing`. */
  #writingSinceMs = 0
  #isLate = false
  /** The map has been read to its end. */
  #isRead = false
  #cancelTick: CancelTimer | undefined
  #isTicking = false
  #nextPruneMs: number
  #nextLookUpMs = 0
  readonly #closing = new AbortController()

  constructor(options: OffsetLedgerOptions) {
    this.#options = options
    this.#map = options.map
    this.#nextPruneMs = options.clock.monotonic() + pruneIntervalMs
  }

  /** Reads the map to its end, where there is one. Where that takes too long, the map begins when it has been read. Never rejects. */
  async open(): Promise<void> {
    const { clock, logger } = this.#options
    if (this.#map === undefined) return
    const deadline = clock.monotonic() + mapPatienceMs
    const { signal } = this.#closing
    try {
      await withinLimits(this.#read(this.#map), { clock, deadline, signal, what: 'Reading the offset map' })
    } catch (thrown) {
      if (signal.aborted) return
      const seconds = mapPatienceMs / 1000
      logger.warn(
        { err: asError(thrown) },
        `The offset map could not be read within ${seconds} s: the task begins without it, and keeps it once it is read`
      )
    }
  }

  /**
   * Id of the source topic that a stored position belongs to, as far as the map tells: a position that the map has never
   * come to was stored by somebody else, for what may be another topic of that name. Null where that is not known.
   */
  sourceTopicId({ topic, partition }: TopicPartition, position: bigint | undefined): Buffer | null {
    const map = this.#isRead ? this.#map?.topic.map : undefined
    const known = map?.partition(topic, partition)
    if (map === undefined || known === undefined || position === undefined || position > known.coveredTo) return null
    const newest = map.stored(topic, partition)?.all.at(-1)
    return newest === undefined ? null : map.reader.summary(newest).sourceTopicId
  }

  /** To be called before anything is sent. Never rejects. */
  async start(routes: readonly RelayPartition[], starts: readonly LedgerStart[]): Promise<void> {
    const { syncs } = this.#options
    this.#partitions = routes.map((route, index) => {
      const map = this.#map?.covers(route.sourceTopic) === true ? this.#map.topic.map : undefined
      return new PartitionLedger(route, starts[index] ?? { position: undefined, topicId: null }, { map, syncs })
    })
    if (this.#isRead) await this.#findTargets(this.#partitions.filter(({ isMapped }) => isMapped))
  }

  /** In order per source partition: a batch of the task, or a part that transforms made of one. */
  settled(batch: SourceBatch, acked: readonly AckedRun[]): void {
    const original = batch instanceof TransformedBatch ? batch.original : batch
    if (!(original instanceof RelayedBatch)) return
    const ledger = this.#partitions[original.route.index]
    if (ledger === undefined) return
    ledger.settled(original, batch, acked)
    if (!ledger.isMapped) return
    this.#list(ledger)
    this.#tickLater()
  }

  /** Writes what the map lacks. Rejects when it cannot be written now; what it does not take for long is not waited for. */
  async prepareCommit(): Promise<void> {
    const { clock, logger } = this.#options
    // One that is overdue goes on, and none begins beside it.
    if (this.#patienceLeftMs <= 0) return
    const writing = this.#writeOrGiveUp()
    if (await endsWithin(clock, this.#patienceLeftMs, writing.catch(ignore))) {
      await writing
      this.#isLate = false
    } else if (!this.#isLate) {
      this.#isLate = true
      logger.warn(
        {},
        `The offset map has taken nothing for ${mapPatienceMs / 1000} s: source positions are stored before it, ` +
          'and after a crash what it lacks is translated by offset syncs; see to the topic on the target'
      )
    }
  }

  /** Positions were stored. */
  commit(): void {
    if (this.#options.isLeaseHeld()) this.#options.syncs?.commit()
  }

  /** Sends the last offset syncs, unless the lease is gone, and closes what belongs to this. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#cancelTick?.()
    const { syncs, map, isLeaseHeld } = this.#options
    await syncs?.close(isLeaseHeld() ? lastSyncsMs : 0)
    await map?.release()
  }

  /** Never rejects. */
  async #read({ topic }: LedgerMap): Promise<void> {
    await topic.opened
    try {
      // It may have been open for long: what another worker wrote until just now counts too.
      if (topic.isUsable) await topic.readToEnd()
      this.#isRead = topic.isUsable
    } catch (thrown) {
      this.#options.logger.debug({ err: asError(thrown) }, 'The offset map could not be read to its end')
    }
    if (!this.#isRead) this.#giveMapUp()
  }

  get #patienceLeftMs(): number {
    if (this.#writing === undefined) return mapPatienceMs
    return this.#writingSinceMs + mapPatienceMs - this.#options.clock.monotonic()
  }

  async #writeOrGiveUp(): Promise<void> {
    try {
      await this.#write()
    } catch (thrown) {
      if (this.#map?.topic.isUsable === true) throw asError(thrown)
      this.#giveMapUp()
    }
  }

  #list(ledger: PartitionLedger): void {
    if (ledger.isListed) return
    ledger.isListed = true
    this.#listed.push(ledger)
  }

  #tickLater(): void {
    if (this.#map === undefined || this.#isTicking || this.#closing.signal.aborted) return
    const { clock } = this.#options
    this.#cancelTick ??= clock.schedule(untilTickMs(clock, this.#map.intervalMs), () => {
      this.#cancelTick = undefined
      void this.#tick()
    })
  }

  async #tick(): Promise<void> {
    this.#isTicking = true
    try {
      if (this.#options.isLeaseHeld()) {
        await this.prepareCommit()
        await this.#findMissingTargets()
        await this.#prune()
      }
    } catch (thrown) {
      this.#options.logger.debug({ err: asError(thrown) }, 'The offset map could not be written; tried again')
    }
    this.#isTicking = false
    if (this.#listed.length > 0) this.#tickLater()
  }

  /** One at a time, so that the newest record of a key is the last one. */
  async #write(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(ignore)
    this.#writingSinceMs = this.#options.clock.monotonic()
    this.#writing = this.#writeListed()
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  async #writeListed(): Promise<void> {
    const map = this.#map
    if (map === undefined) return
    const listed = this.#listed.splice(0)
    const taken: (readonly [PartitionLedger, PartitionMapWriter])[] = []
    const records: MapRecord[] = []
    for (const ledger of listed) {
      ledger.isListed = false
      const { writer } = ledger
      if (writer?.isDirty !== true) continue
      taken.push([ledger, writer])
      for (const record of writer.take()) records.push(record)
    }
    if (records.length === 0) return
    try {
      await map.topic.append(records)
      for (const [, writer] of taken) writer.written()
    } catch (thrown) {
      for (const [ledger, writer] of taken) {
        writer.restore()
        this.#list(ledger)
      }
      throw thrown
    }
  }

  /** The map cannot be kept any more, which its topic has told. */
  #giveMapUp(): void {
    this.#map = undefined
    this.#listed = []
    for (const ledger of this.#partitions) ledger.endMap()
  }

  async #findMissingTargets(): Promise<void> {
    const { clock } = this.#options
    const missing = this.#partitions.filter(({ needsTarget }) => needsTarget)
    if (!this.#isRead || missing.length === 0 || clock.monotonic() < this.#nextLookUpMs) return
    await this.#map?.topic.readToEnd()
    await this.#findTargets(missing)
  }

  async #findTargets(ledgers: readonly PartitionLedger[]): Promise<void> {
    if (this.#map === undefined || ledgers.length === 0) return
    const { clock, logger } = this.#options
    try {
      const logs = await targetLogs(
        this.#map.topic.cluster,
        ledgers.map(({ targetPartition }) => targetPartition)
      )
      for (const [index, ledger] of ledgers.entries()) {
        const log = logs[index]
        if (log !== undefined) ledger.foundTarget(log)
      }
    } catch (thrown) {
      logger.debug({ err: asError(thrown) }, 'The logs of target partitions could not be looked up; tried again')
    }
    if (ledgers.some(({ needsTarget }) => needsTarget)) this.#nextLookUpMs = clock.monotonic() + lookUpIntervalMs
  }

  /** Takes out of the map what the target no longer holds. */
  async #prune(): Promise<void> {
    const { clock } = this.#options
    const map = this.#map
    if (map === undefined || clock.monotonic() < this.#nextPruneMs) return
    this.#nextPruneMs = clock.monotonic() + pruneIntervalMs
    const ledgers = this.#partitions.filter(({ writer }) => writer !== undefined)
    const starts = await targetOffsets(
      map.topic.cluster,
      ledgers.map(({ targetPartition }) => targetPartition),
      'earliest'
    )
    const records = ledgers.flatMap(({ writer }, index) => {
      const start = starts[index]
      return start === undefined ? [] : (writer?.prune(start) ?? [])
    })
    if (records.length > 0) await map.topic.append(records)
  }
}
