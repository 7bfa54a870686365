import { type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { createRawProducer } from '../client/batch-producer.ts'
import { type Cluster } from '../client/cluster.ts'
import { CompactedLog } from '../client/compacted-log.ts'
import { connectCluster } from '../client/kafka-cluster.ts'
import { type MetadataSharing } from '../client/metadata-sharing.ts'
import { type RawProducer } from '../client/raw-producer.ts'
import { type Reachability } from '../client/reachability.ts'
import { OffsetMap } from '../mirror-client/offset-map/offset-map.ts'
import { type OpenConnection } from '../net/connection.ts'
import { type MirrorMetrics } from './metrics/mirror-metrics.ts'
import { type OffsetMapObserver } from './metrics/translation-metrics.ts'
import { type OffsetMapSettings } from './offset-map-settings.ts'

export interface OffsetMapTopicServices {
  readonly openConnection: OpenConnection
  readonly reachability: Reachability
  readonly metadataSharing: MetadataSharing
  readonly metrics: Pick<MirrorMetrics, 'offsetMap'>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface OffsetMapRecord {
  readonly key: Buffer
  /** Null: a tombstone. */
  readonly value: Buffer | null
}

/** It is read at each start, up to the segment that is written: compaction leaves that one alone. */
const segmentBytes = 64 * 1024 * 1024
/** A start waits for it: less patience than for what the runtime cannot do without. */
const patienceMs = 5_000

/**
 * The topic of a route's offset map, on its target: read to its end, followed, and appended to. Nothing depends on it but
 * exact translation: where it cannot be had, that is said once, and what would use it goes on without.
 */
export class OffsetMapTopic {
  readonly map: OffsetMap
  /** The target. */
  readonly cluster: Cluster
  /** Resolves when the map has been read to its end, or is known to be unusable. Never rejects. */
  readonly opened: Promise<void>
  readonly #name: string
  readonly #route: string
  readonly #log: CompactedLog
  readonly #producer: RawProducer
  readonly #logger: Logger
  readonly #observer: OffsetMapObserver
  #isOpen = false
  #isClosed = false
  #isFailed = false

  constructor(name: string, settings: OffsetMapSettings, services: OffsetMapTopicServices) {
    const { sourceAlias, targetAlias, replicationFactor, client } = settings
    this.#name = name
    this.#route = `${sourceAlias}->${targetAlias}`
    this.#logger = services.logger
    this.#observer = services.metrics.offsetMap()
    this.map = new OffsetMap({
      onInvalid: (error) => {
        const fields = { route: this.#route, topic: name, err: error }
        services.logger.warn(fields, `${name} of ${targetAlias} has records that cannot be used`)
      }
    })
    const cluster = connectCluster({ alias: targetAlias, settings: client, ...services })
    this.cluster = cluster
    const blocked = (_partition: unknown, error: Error): void => {
      this.#fail(error)
    }
    const listener = { blocked, resumed: () => undefined }
    this.#producer = createRawProducer({ cluster, settings: client, label: 'offset-map', listener, ...services })
    this.#log = new CompactedLog({
      ...{ cluster, producer: this.#producer, topic: name, partitions: 1, maxPartitions: 1, replicationFactor },
      ...{ configs: { 'segment.bytes': String(segmentBytes) }, patienceMs, isFollowed: true },
      isolation: 'read_uncommitted',
      onRecord: ({ key, value }) => {
        this.map.apply(key, value)
      },
      clock: services.clock,
      logger: services.logger
    })
    this.opened = this.#open()
  }

  /** Whether it has been read and can be written. Once it cannot, it stays so: open it anew. */
  get isUsable(): boolean {
    return this.#isOpen && !this.hasFailed
  }

  get hasFailed(): boolean {
    return this.#isFailed || this.#isClosed
  }

  /** Resolves when all are acknowledged. Rejects when it is, or becomes, closed or unusable before. */
  async append(records: readonly OffsetMapRecord[]): Promise<void> {
    try {
      // Its producer is closed, and would never answer.
      if (this.hasFailed) throw new MirrorError('MIRROR_CLOSED', `${this.#name} cannot be written any more`)
      await this.#log.append(records.map((record) => ({ partition: 0, ...record })))
    } catch (thrown) {
      this.#observer.appendFailed()
      const error = asError(thrown)
      // The same would be refused again and again.
      if (error instanceof MirrorError && error.code === 'MIRROR_RECORD_REFUSED') this.#fail(error)
      throw error
    }
    let bytes = 0
    for (const { key, value } of records) bytes += key.length + (value?.length ?? 0)
    this.#observer.appended(records.length, bytes)
  }

  /** Resolves when `map` has all that was in the topic at the time of the call. Rejects when it is closed. */
  async readToEnd(): Promise<void> {
    await this.#log.readToEnd()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#observer.closed()
    this.#log.close()
    await this.#producer.close()
    await this.cluster.close()
  }

  async #open(): Promise<void> {
    try {
      await this.#log.start()
      this.#isOpen = true
      this.#observer.usable(true)
    } catch (thrown) {
      this.#fail(asError(thrown))
    }
  }

  #fail(error: Error): void {
    if (this.hasFailed) return
    this.#isFailed = true
    this.#observer.usable(false)
    this.#log.giveUpAppends()
    void this.#producer.close()
    this.#logger.warn(
      { route: this.#route, topic: this.#name, err: error },
      `${this.#route}: the offset map cannot be kept (${error.message}); offsets are translated by offset syncs alone. ` +
        `Let the target's user create, read and write ${this.#name}, or set offset.map.enabled=false; ` +
        'tried again when the tasks start again'
    )
  }
}

/** The offset map topics that a route has open, each once. */
export class OffsetMapTopics {
  readonly #services: OffsetMapTopicServices
  readonly #users = new Map<OffsetMapTopic, number>()
  readonly #newest = new Map<string, OffsetMapTopic>()

  constructor(services: OffsetMapTopicServices) {
    this.#services = services
  }

  /** Opens it, unless it is open. Each caller releases what it got once. */
  acquire(name: string, settings: OffsetMapSettings): OffsetMapTopic {
    let topic = this.#newest.get(name)
    // One that failed stays with those who have it.
    if (topic === undefined || topic.hasFailed) {
      topic = new OffsetMapTopic(name, settings, this.#services)
      this.#newest.set(name, topic)
    }
    this.#users.set(topic, (this.#users.get(topic) ?? 0) + 1)
    return topic
  }

  /** Closes it when nobody else uses it. */
  async release(topic: OffsetMapTopic): Promise<void> {
    const users = (this.#users.get(topic) ?? 0) - 1
    if (users > 0) {
      this.#users.set(topic, users)
      return
    }
    this.#users.delete(topic)
    for (const [name, newest] of this.#newest) if (newest === topic) this.#newest.delete(name)
    await topic.close()
  }
}
