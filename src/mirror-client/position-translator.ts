import { type OffsetMap } from './offset-map/offset-map.ts'
import { type PartitionMap, type Translation } from './offset-map/partition-map.ts'
import { type OffsetSyncStore, tooOld } from './offset-sync-store.ts'

export interface TranslationSources {
  /** Undefined where there is none: then the reference's rule alone decides. */
  readonly map: Pick<OffsetMap, 'partition'> | undefined
  /** Undefined while they cannot be read, or where none are wanted. */
  readonly syncs: Pick<OffsetSyncStore, 'translate'> | undefined
  /**
   * Whether the target topic of a source topic is another one than the map was made for, by its id: then the map says nothing.
   * Default: never.
   */
  readonly isReplaced?: (topic: string, targetTopicId: Buffer) => boolean
}

/**
 * Translates positions of source partitions to the target: exactly where the offset map covers them, else to the nearest
 * position that is known not to be ahead, by the map's bounds or the offset syncs.
 */
export class PositionTranslator {
  readonly #sources: TranslationSources

  constructor(sources: TranslationSources) {
    this.#sources = sources
  }

  /** Without one nothing is exact, now or later. */
  get hasMap(): boolean {
    return this.#sources.map !== undefined
  }

  /** Undefined: nothing is known of the partition, or the position is older than all that is known. Never ahead. */
  toTarget(topic: string, partition: number, position: bigint): Translation | undefined {
    const mapped = this.#map(topic, partition)?.toTarget(position)
    if (mapped?.exact === true) return mapped
    const synced = this.#sources.syncs?.translate(topic, partition, position) ?? tooOld
    const bound = mapped?.offset ?? tooOld
    const offset = bound > synced ? bound : synced
    return offset === tooOld ? undefined : { offset, exact: false }
  }

  /** The way back, by the map alone. */
  toSource(topic: string, partition: number, targetPosition: bigint): Translation | undefined {
    return this.#map(topic, partition)?.toSource(targetPosition)
  }

  /**
   * Up to which source position the map knows what became of every record; undefined where it says nothing. A position past
   * it may become exact once the mirror, and the map after it, have come that far.
   */
  coveredTo(topic: string, partition: number): bigint | undefined {
    return this.#map(topic, partition)?.coveredTo
  }

  #map(topic: string, partition: number): PartitionMap | undefined {
    const { map, isReplaced = () => false } = this.#sources
    const found = map?.partition(topic, partition)
    const id = found?.targetTopicId ?? null
    return id !== null && isReplaced(topic, id) ? undefined : found
  }
}
