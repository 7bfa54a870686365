import pLimit from 'p-limit'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Cluster } from '../../client/cluster.ts'
import { commitGroupOffsets, describeGroup, fetchGroupOffsets } from '../../client/consumer-groups.ts'
import { logEnds } from '../../client/list-offsets.ts'
import { topicPartitionKey } from '../../client/topic-partition.ts'
import { type Checkpoint } from '../../mirror-client/checkpoint.ts'
import { brokerError, brokerErrors } from '../../wire/error-codes.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type CheckpointStore } from './checkpoint-store.ts'

export interface GroupOffsetSyncOptions {
  readonly target: Cluster
  readonly store: Pick<CheckpointStore, 'all'>
  /** For messages: `A->B`. */
  readonly route: string
  readonly logger: Logger
}

const parallelGroups = 16

/**
 * States, as a coordinator tells them, of a group that has no members (spec 9.5). A group of a kind that is not asked for (Streams)
 * looks dead as well, hence dead ones are compared with too.
 */
const memberless: ReadonlySet<string> = new Set(['dead', 'empty'])

/**
 * Writes the last checkpoints into the groups of the target, so that a consumer that starts there goes on where it was at the
 * source: only into groups that surely have no members, never back, only to partitions and offsets that exist. By commits from
 * outside, one a group: it never joins one.
 */
export class GroupOffsetSync {
  readonly #options: GroupOffsetSyncOptions
  readonly #limit = pLimit(parallelGroups)
  readonly #failures = new LastingFailures()
  /** Groups that were told to have members. */
  readonly #live = new Set<string>()
  /** Partitions whose checkpoint was told to lie beyond the log's end. */
  readonly #beyondEnd = new Set<string>()

  constructor(options: GroupOffsetSyncOptions) {
    this.#options = options
  }

  /** One round over all groups; what fails is its group's alone. Rejects only when the client is closed. */
  async run(): Promise<void> {
    const groups = [...this.#options.store.all()]
    const checkpoints = groups.flatMap(([, ofGroup]) => ofGroup)
    const ends = await logEnds(this.#options.target, checkpoints)
    await Promise.all(groups.map(([group, ofGroup]) => this.#limit(() => this.#sync(group, ofGroup, ends))))
  }

  async #sync(group: string, checkpoints: readonly Checkpoint[], ends: ReadonlyMap<string, bigint>): Promise<void> {
    const { target, logger, route } = this.#options
    try {
      const wanted = checkpoints.filter((checkpoint) => this.#isInLog(checkpoint, ends))
      if (wanted.length > 0) await this.#syncExisting(group, wanted)
      if (this.#failures.ended(group))
        logger.info({ group }, `${route}: the offsets of group ${group} can be synced again`)
    } catch (thrown) {
      const error = asError(thrown)
      if (error instanceof MirrorError && error.code === 'MIRROR_CLOSED') throw error
      if (!this.#failures.isNew(group, error)) return
      const message = `${route}: the offsets of group ${group} cannot be synced to ${target.alias}: ${error.message}. Tried again each sync.group.offsets.interval.seconds`
      logger.warn({ group, err: error }, message)
    }
  }

  async #syncExisting(group: string, wanted: readonly Checkpoint[]): Promise<void> {
    const { target } = this.#options
    const { state, memberHosts } = await describeGroup(target, group)
    if (!memberless.has(state.toLowerCase())) {
      this.#tellLive(group, `is ${state}${memberHosts.length === 0 ? '' : `: ${memberHosts.slice(0, 3).join(', ')}`}`)
      return
    }
    const due = await this.#ahead(group, wanted)
    if (due.length > 0) await this.#commit(group, due)
    else this.#live.delete(group)
  }

  /** Those that take the group forward. */
  async #ahead(group: string, wanted: readonly Checkpoint[]): Promise<readonly Checkpoint[]> {
    const committed = new Map<string, bigint | undefined>()
    for (const { topic, partition, offset, errorCode } of await fetchGroupOffsets(
      this.#options.target,
      group,
      wanted
    )) {
      // Undefined: not known, so nothing may be written there.
      committed.set(topicPartitionKey(topic, partition), errorCode === brokerErrors.NONE ? offset : undefined)
    }
    return wanted.filter(({ topic, partition, downstreamOffset }) => {
      const key = topicPartitionKey(topic, partition)
      const offset = committed.has(key) ? committed.get(key) : -1n
      return offset !== undefined && offset < downstreamOffset
    })
  }

  async #commit(group: string, due: readonly Checkpoint[]): Promise<void> {
    const { target, logger } = this.#options
    const commits = due.map(({ topic, partition, downstreamOffset, metadata }) => ({
      topic,
      partition,
      offset: downstreamOffset,
      metadata
    }))
    const codes = new Set(await commitGroupOffsets(target, group, commits))
    codes.delete(brokerErrors.NONE)
    if (membersAppeared.some((code) => codes.has(code))) {
      this.#tellLive(group, 'has got members meanwhile')
      return
    }
    this.#live.delete(group)
    const [code] = codes
    if (code !== undefined) throw brokerError(code, `${target.alias}: OffsetCommit of group ${group}`)
    logger.debug({ group, partitions: due.length }, 'Group offsets are synced')
  }

  #isInLog(
    { topic, partition, downstreamOffset, consumerGroupId }: Checkpoint,
    ends: ReadonlyMap<string, bigint>
  ): boolean {
    const key = topicPartitionKey(topic, partition)
    const end = ends.get(key)
    if (end === undefined) return false
    if (downstreamOffset <= end) return true
    if (!this.#beyondEnd.has(key)) {
      this.#beyondEnd.add(key)
      const { logger, route } = this.#options
      logger.warn(
        { topicPartition: key, group: consumerGroupId, offset: String(downstreamOffset), end: String(end) },
        `${route}: checkpoints of ${key} lie beyond its end, as if it had been created again or lost records; they are not written into groups`
      )
    }
    return false
  }

  #tellLive(group: string, reason: string): void {
    if (this.#live.has(group)) return
    this.#live.add(group)
    const { target, route, logger } = this.#options
    logger.info(
      { group },
      `${route}: group ${group} of ${target.alias} ${reason}; its offsets are left alone as long as it has members`
    )
  }
}

/** A commit from outside met members: of a classic group, of one that rebalances, of one of the newer protocol. */
const membersAppeared: readonly number[] = [
  brokerErrors.UNKNOWN_MEMBER_ID,
  brokerErrors.REBALANCE_IN_PROGRESS,
  brokerErrors.ILLEGAL_GENERATION,
  brokerErrors.STALE_MEMBER_EPOCH
]
