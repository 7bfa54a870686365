import { MirrorError } from '../../base/errors.ts'
import { type SourceGap } from '../../client/position-resolver.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'

/** A gap that a task failed at. */
export interface HeldGap {
  readonly kind: SourceGap['kind']
  readonly error: MirrorError
  /** A task that starts within, both ends included, starts where the gap was met: nobody has chosen another position. */
  readonly firstPosition: bigint
  readonly lastPosition: bigint
}

/**
 * Gaps that tasks failed at under `gap.policy` fail. Kept beyond the tasks, for as long as the process: a new attempt at the
 * same position must not get past the gap because the log has changed meanwhile.
 */
export class HeldGaps {
  readonly #held = new Map<string, HeldGap>()

  /**
   * @param route `A->B`
   * @param startPosition where the task that met the gap had started; undefined where nothing was stored
   * @returns what the task fails with
   */
  hold(route: string, partition: TopicPartition, gap: SourceGap, startPosition: bigint | undefined): MirrorError {
    const name = topicPartitionKey(partition.topic, partition.partition)
    const { kind, fromOffset, toOffset } = gap
    const end = toOffset < 0n ? 'on' : `to ${toOffset - 1n}`
    const message =
      `${route}: the source records of ${name} from offset ${fromOffset} ${end} are gone (${kind}), and gap.policy is fail: ` +
      'nothing behind them is mirrored until the stored offset of the partition is altered by REST (null begins with what is ' +
      'there), or gap.policy is set to continue'
    const error = new MirrorError('MIRROR_SOURCE_GAP', message)
    // What was stored may be behind where the gap was met. Only of another topic would that be read without a complaint.
    const lastPosition = kind === 'truncated' ? toOffset : fromOffset
    const firstPosition = kind === 'recreated' ? (startPosition ?? 0n) : lastPosition
    this.#held.set(name, { kind, error, firstPosition, lastPosition })
    return error
  }

  /** The gap that a task meets again which starts at `position`. Another position is an operator's choice: forgets the gap. */
  at({ topic, partition }: TopicPartition, position: bigint | undefined): HeldGap | undefined {
    const key = topicPartitionKey(topic, partition)
    const held = this.#held.get(key)
    if (held === undefined) return undefined
    if (position !== undefined && position >= held.firstPosition && position <= held.lastPosition) return held
    this.#held.delete(key)
    return undefined
  }

  /** It is gone past, by `gap.policy` continue. */
  release({ topic, partition }: TopicPartition): void {
    this.#held.delete(topicPartitionKey(topic, partition))
  }
}
