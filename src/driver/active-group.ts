import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { describeGroup, type GroupDescription } from '../client/consumer-groups.ts'
import { type KafkaCluster } from '../client/kafka-cluster.ts'

export interface ActiveGroupOptions {
  /** `A->B`, for messages. */
  readonly route: string
  readonly target: string
  /** The route's Connect group on the target. */
  readonly groupId: string
  readonly cluster: KafkaCluster
  readonly signal: AbortSignal
  readonly logger: Logger
}

/**
 * Until this program joins Connect groups, it must not run beside Java workers: both would mirror everything.
 * @throws MirrorError MIRROR_GROUP_ACTIVE while the group has members
 */
export async function refuseActiveGroup(options: ActiveGroupOptions): Promise<void> {
  const { route, target, groupId } = options
  const { memberCount, memberHosts } = await describePatiently(options)
  if (memberCount === 0) return
  throw new MirrorError(
    'MIRROR_GROUP_ACTIVE',
    `${route}: the Connect group ${groupId} on ${target} has ${memberCount} member(s): ${memberHosts.join(', ')}. ` +
      'Stop those workers first, then start this program again; one that was killed counts as a member until its session ends (10 s by default)'
  )
}

/** A coordinator that is away is waited for, as the cluster is. */
async function describePatiently(options: ActiveGroupOptions): Promise<GroupDescription> {
  const { cluster, groupId, target, signal, logger } = options
  await cluster.ready(signal)
  for (let isTold = false; ; isTold = true) {
    try {
      return await describeGroup(cluster, groupId)
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof MirrorError) || !thrown.retriable) throw thrown
      const message = `The Connect group ${groupId} on ${target} cannot be looked at (${thrown.message}); trying on before mirroring starts`
      if (!isTold) logger.warn({ code: thrown.code }, message)
      await cluster.refreshed()
    }
  }
}
