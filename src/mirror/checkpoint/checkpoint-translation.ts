import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type GroupOffset } from '../../client/consumer-groups.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type Checkpoint, encodeCheckpoint } from '../../mirror-client/checkpoint.ts'
import { type EncodedRecord } from '../../mirror-client/format.ts'
import { type Translation } from '../../mirror-client/offset-map/partition-map.ts'
import { type PositionTranslator } from '../../mirror-client/position-translator.ts'
import { brokerErrors } from '../../wire/error-codes.ts'
import { type TopicFilter } from '../filters/topic-filter.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type CheckpointStore } from './checkpoint-store.ts'
import { type TargetTopics } from './target-topics.ts'

/** A checkpoint to be emitted. */
export interface NewCheckpoint {
  readonly checkpoint: Checkpoint
  readonly record: EncodedRecord
  /** Whether it is precisely the next record that the group has not seen. */
  readonly isExact: boolean
}

/** Told what a checkpoint task translates and emits; metrics are made from it. */
export interface CheckpointObserver {
  /** One committed offset of a group was translated, or could not be. */
  translated(group: string, quality: 'exact' | 'conservative' | 'untranslated'): void
  /**
   * The target acknowledged a checkpoint.
   * @param partition with the topic's name at the target
   * @param timestampMs of the checkpoint's record
   */
  acknowledged(group: string, partition: TopicPartition, timestampMs: number): void
  /** The task has ended. */
  close(): void
}

export interface CheckpointTranslationOptions {
  /** For messages: `A->B`. */
  readonly route: string
  readonly targetTopics: Pick<TargetTopics, 'nameOf' | 'sourceOf'>
  readonly topicFilter: TopicFilter
  readonly translator: Pick<PositionTranslator, 'toTarget' | 'toSource' | 'coveredTo' | 'hasMap'>
  readonly store: CheckpointStore
  readonly observer: Pick<CheckpointObserver, 'translated'>
  readonly logger: Logger
}

/** A committed position that is not translated exactly, and may be when the mirror, and the map after it, have gone on. */
interface OpenPosition {
  readonly committed: GroupOffset
  /** What it was translated to at first; undefined: not at all. */
  readonly bound: bigint | undefined
  /** Looks in vain since the map has come that far, and how many looks are left out before the next one. */
  misses: number
  pause: number
}

/** Looks that are left out are doubled up to this many. */
const longestPause = 63

/**
 * Makes checkpoints of committed positions (spec 9.4). What cannot be exact yet because the mirror is behind the group is
 * emitted as far as it is sure, kept, and emitted anew as soon as it is exact.
 */
export class CheckpointTranslation {
  readonly #options: CheckpointTranslationOptions
  readonly #failures = new LastingFailures()
  readonly #open = new Map<string, Map<string, OpenPosition>>()
  #held: NewCheckpoint[] = []

  constructor(options: CheckpointTranslationOptions) {
    this.#options = options
  }

  /** Whether anything may become exact by itself. */
  get isOpen(): boolean {
    return this.#open.size > 0
  }

  /**
   * Takes up what was emitted before, as positions that may become exact without the source. Returns the source topics.
   */
  resume(): Set<string> {
    const { store, translator } = this.#options
    const topics = new Set<string>()
    if (!translator.hasMap) return topics
    for (const [group, checkpoints] of store.all()) {
      const open = new Map<string, OpenPosition>()
      for (const checkpoint of checkpoints) {
        const { partition, upstreamOffset: offset, downstreamOffset: bound, metadata } = checkpoint
        const topic = this.#sourceOf(checkpoint.topic)
        // Of nothing that was mirrored: it cannot be told which topic it is of, if that was created anew since.
        if (topic === undefined || bound === 0n) continue
        topics.add(topic)
        const committed = { topic, partition, offset, metadata, leaderEpoch: -1, errorCode: brokerErrors.NONE }
        open.set(topicPartitionKey(topic, partition), { committed, bound, misses: 0, pause: 0 })
      }
      if (open.size > 0) this.#open.set(group, open)
    }
    return topics
  }

  /**
   * Checkpoints that follow from what a group has committed, which takes the place of what it had before. They count as
   * emitted once this returns; when it throws (a plug-in of one's own failed), nothing does.
   */
  take(group: string, offsets: readonly GroupOffset[]): NewCheckpoint[] {
    const { translator, topicFilter, observer } = this.#options
    const open = new Map<string, OpenPosition>()
    const made = offsets.flatMap((committed) => {
      if (committed.errorCode !== brokerErrors.NONE || committed.offset < 0n) return []
      if (!topicFilter.shouldReplicateTopic(committed.topic)) return []
      const translated = this.#translate(committed)
      if (translated?.exact !== true && translator.hasMap) {
        const position = { committed, bound: translated?.offset, misses: 0, pause: 0 }
        open.set(topicPartitionKey(committed.topic, committed.partition), position)
      }
      observer.translated(group, qualityOf(translated))
      return translated === undefined ? [] : this.#checkpoint(group, committed, translated)
    })
    if (open.size > 0) this.#open.set(group, open)
    else this.#open.delete(group)
    return this.#emit(made)
  }

  /** Checkpoints of positions that have become exact since they were taken. */
  refine(): NewCheckpoint[] {
    const made: NewCheckpoint[] = []
    for (const [group, positions] of this.#open) {
      for (const [key, position] of positions) {
        if (!this.#isDue(position)) continue
        if (this.#isVoid(position)) {
          positions.delete(key)
          continue
        }
        const translated = this.#translate(position.committed)
        if (translated?.exact !== true) {
          // What others mirrored before, say, never becomes exact: it is looked at ever more rarely.
          position.misses += 1
          position.pause = Math.min(2 ** position.misses, longestPause)
          continue
        }
        positions.delete(key)
        this.#options.observer.translated(group, 'exact')
        made.push(...this.#checkpoint(group, position.committed, translated))
      }
      if (positions.size === 0) this.#open.delete(group)
    }
    return this.#emit(made)
  }

  /** Exact ones that the last one of their group lies ahead of; handed out once. */
  takeHeld(): NewCheckpoint[] {
    return this.#held.splice(0)
  }

  /** The last one is void: it lies beyond the end of the log that it was made for. */
  release(held: NewCheckpoint): void {
    this.#options.store.put(held.checkpoint)
  }

  #emit(made: readonly NewCheckpoint[]): NewCheckpoint[] {
    const { store } = this.#options
    return made.filter((one) => {
      const judgement = store.judge(one.checkpoint)
      const isDue = judgement === 'new' || (judgement === 'held' && this.#isLastAhead(one.checkpoint))
      if (!isDue && judgement === 'held' && one.isExact) this.#held.push(one)
      if (!isDue) return false
      store.put(one.checkpoint)
      return true
    })
  }

  #isDue(position: OpenPosition): boolean {
    const { topic, partition, offset } = position.committed
    const coveredTo = this.#options.translator.coveredTo(topic, partition)
    if (coveredTo === undefined || coveredTo < offset) return false
    if (position.pause === 0) return true
    position.pause -= 1
    return false
  }

  /**
   * The map speaks of another source topic of this name than what the position was translated for: what lies before that is no
   * record of the new one. The group has read nothing of that; brokers take back what is committed of a topic that is deleted.
   */
  #isVoid({ committed: { topic, partition }, bound }: OpenPosition): boolean {
    if (bound === undefined || bound === 0n) return false
    return this.#options.translator.toSource(topic, partition, bound - 1n) === undefined
  }

  /** Whether the last checkpoint leaves out records that this one does not: the target lost its end, and has others there now. */
  #isLastAhead(checkpoint: Checkpoint): boolean {
    const { store, translator } = this.#options
    const last = store.last(checkpoint)
    const topic = this.#sourceOf(checkpoint.topic)
    if (last === undefined || topic === undefined) return false
    const source = translator.toSource(topic, checkpoint.partition, last.downstreamOffset)
    return source?.exact === true && source.offset > checkpoint.upstreamOffset
  }

  /** Undefined for what a policy of one's own has no name for, too. */
  #sourceOf(topic: string): string | undefined {
    try {
      return this.#options.targetTopics.sourceOf(topic)
    } catch {
      return undefined
    }
  }

  #translate({ topic, partition, offset }: GroupOffset): Translation | undefined {
    return this.#options.translator.toTarget(topic, partition, offset)
  }

  /** None when it cannot be written, which is told. */
  #checkpoint(group: string, committed: GroupOffset, translated: Translation): NewCheckpoint[] {
    const checkpoint = {
      consumerGroupId: group,
      topic: this.#options.targetTopics.nameOf(committed.topic),
      partition: committed.partition,
      upstreamOffset: committed.offset,
      downstreamOffset: translated.offset,
      metadata: committed.metadata ?? ''
    }
    try {
      return [{ checkpoint, record: encodeCheckpoint(checkpoint), isExact: translated.exact }]
    } catch (thrown) {
      const error = asError(thrown)
      const { route, logger } = this.#options
      const topicPartition = topicPartitionKey(committed.topic, committed.partition)
      if (this.#failures.isNew(`${topicPartition} ${group}`, error)) {
        const message = `${route}: group ${group} gets no checkpoint for ${topicPartition}: ${error.message}`
        logger.warn({ group, topicPartition, err: error }, message)
      }
      return []
    }
  }
}

function qualityOf(translated: Translation | undefined): 'exact' | 'conservative' | 'untranslated' {
  if (translated === undefined) return 'untranslated'
  return translated.exact ? 'exact' : 'conservative'
}
