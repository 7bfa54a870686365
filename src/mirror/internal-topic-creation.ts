import { type ForwardingAdmin } from '../admin/forwarding-admin.ts'
import { type Clock, endsWithin } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'

export interface InternalTopicRequest {
  readonly topic: string
  readonly replicationFactor: number
  /** Longest that the caller waits; the creation goes on behind it. */
  readonly timeoutMs: number
}

/**
 * Creates a compacted topic of one partition where it is missing (spec 13.2). A topic that cannot be created is reported
 * and not an error: it may exist unseen, or be created by the brokers or an operator.
 */
export async function createInternalTopic(
  { topic, replicationFactor, timeoutMs }: InternalTopicRequest,
  { admin, clock, logger }: { readonly admin: ForwardingAdmin; readonly clock: Clock; readonly logger: Logger }
): Promise<void> {
  const create = async (): Promise<void> => {
    try {
      const configs = { 'cleanup.policy': 'compact' }
      const isNew = await admin.createTopic({ topic, partitions: 1, replicationFactor, configs })
      if (isNew) logger.info({ topic }, `Topic ${topic} is created`)
    } catch (thrown) {
      const error = asError(thrown)
      const advice = `create it by hand with one partition and cleanup.policy=compact if it is missing`
      logger.warn({ topic, err: error }, `Topic ${topic} cannot be created (${error.message}); ${advice}`)
    }
  }
  await endsWithin(clock, timeoutMs, create())
}
