import { type Logger } from '../../base/logger.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Cluster } from '../../client/cluster.ts'
import { fetchOffsetsOfGroups, type GroupCluster, type GroupOffset } from '../../client/consumer-groups.ts'
import { listConsumerGroups } from '../../client/group-listing.ts'
import { BrokerError, brokerErrors } from '../../wire/error-codes.ts'
import { type GroupFilter } from '../filters/group-filter.ts'
import { type TopicFilter } from '../filters/topic-filter.ts'
import { LastingFailures } from '../lasting-failures.ts'

export interface GroupDiscoveryOptions {
  readonly source: GroupCluster & Pick<Cluster, 'brokers' | 'describeTopics'>
  readonly groupFilter: GroupFilter
  readonly topicFilter: TopicFilter
  /** For messages: `A->B`. */
  readonly route: string
  readonly logger: Logger
}

export interface DiscoveredGroups {
  /** Sorted. */
  readonly groups: readonly string[]
  /** False when a broker or a group could not be asked that may answer later. */
  readonly isComplete: boolean
}

/** Finds the groups at the source that have committed offsets of topics that are mirrored (spec 9.2). */
export class GroupDiscovery {
  readonly #options: GroupDiscoveryOptions
  readonly #failures = new LastingFailures()

  constructor(options: GroupDiscoveryOptions) {
    this.#options = options
  }

  /**
   * @param known groups that were found before: they stay while it cannot be told whether they are gone
   * @throws MirrorError when nothing can be told, of the source or of a filter of one's own
   */
  async run(known: readonly string[]): Promise<DiscoveredGroups> {
    const { source, groupFilter } = this.#options
    const { groupIds, failures } = await listConsumerGroups(source)
    const [failure] = failures.filter((one) => !isStarting(one))
    if (failure !== undefined && failures.length === source.brokers.length) throw failure
    this.#tell('listing', failure, `some groups of ${source.alias} cannot be listed, the others are followed`)
    const accepted = groupIds.filter((group) => groupFilter.shouldReplicateGroup(group))
    const offsets = await fetchOffsetsOfGroups(source, accepted)
    const before = new Set(known)
    const groups = new Set(accepted.filter((group) => this.#isFollowed(group, offsets.get(group), before)))
    if (failures.length > 0) for (const group of known) if (!offsets.has(group)) groups.add(group)
    const mayPass = [...failures, ...offsets.values()].some((one) => one instanceof Error && isPassing(one))
    return { groups: [...groups].sort(), isComplete: !mayPass }
  }

  #isFollowed(group: string, offsets: readonly GroupOffset[] | Error | undefined, known: ReadonlySet<string>): boolean {
    const { topicFilter, source } = this.#options
    const failure = offsets instanceof Error ? offsets : undefined
    this.#tell(`group ${group}`, failure, `the offsets of group ${group} of ${source.alias} cannot be read`)
    if (offsets === undefined || offsets instanceof Error) return known.has(group)
    return offsets.some(({ topic }) => topicFilter.shouldReplicateTopic(topic))
  }

  #tell(subject: string, thrown: unknown, what: string): void {
    if (thrown === undefined) {
      this.#failures.ended(subject)
      return
    }
    const error = asError(thrown)
    if (!this.#failures.isNew(subject, error)) return
    const { route, logger } = this.#options
    logger.warn({ err: error }, `${route}: ${what}: ${error.message}`)
  }
}

/** A coordinator that has just come up reads its groups first, for a moment: nothing to tell anybody. */
function isStarting(error: Error): boolean {
  return error instanceof BrokerError && error.brokerCode === brokerErrors.COORDINATOR_LOAD_IN_PROGRESS
}

function isPassing(error: Error): boolean {
  return error instanceof MirrorError && error.retriable
}
