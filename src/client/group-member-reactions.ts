import { MirrorError } from '../base/errors.ts'
import { BrokerError, brokerErrors, retriableErrors } from '../wire/error-codes.ts'

/**
 * What follows an error of a group request:
 * `rejoin` at once; after `dropGeneration` or `dropMember` too; `retry` the same broker later; `rediscover` the coordinator,
 * later too; `fail`: no retry mends it.
 */
export type Reaction = 'rejoin' | 'dropGeneration' | 'dropMember' | 'retry' | 'rediscover' | 'fail'

const reactions = new Map<number, Reaction>([
  [brokerErrors.REBALANCE_IN_PROGRESS, 'rejoin'],
  // The member may still be one; only what it was told last is out of date.
  [brokerErrors.ILLEGAL_GENERATION, 'dropGeneration'],
  [brokerErrors.UNKNOWN_MEMBER_ID, 'dropMember'],
  [brokerErrors.NOT_COORDINATOR, 'rediscover'],
  [brokerErrors.COORDINATOR_NOT_AVAILABLE, 'rediscover'],
  [brokerErrors.COORDINATOR_LOAD_IN_PROGRESS, 'retry']
])

export function reactionTo(error: Error): Reaction {
  if (error instanceof BrokerError) {
    return reactions.get(error.brokerCode) ?? (retriableErrors.has(error.brokerCode) ? 'retry' : 'fail')
  }
  // An idle connection may be closed between being chosen and being used.
  if (error instanceof MirrorError && (error.retriable || error.code === 'MIRROR_CLOSED')) return 'rediscover'
  return 'fail'
}
