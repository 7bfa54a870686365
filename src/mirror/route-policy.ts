import { type Logger } from '../base/logger.ts'
import { type Properties } from '../config/traced-properties.ts'
import { DefaultReplicationPolicy } from '../mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../mirror-client/identity-replication-policy.ts'
import { type ReplicationPolicy } from '../mirror-client/replication-policy.ts'
import { policyClasses } from './mirror-options.ts'

/** The policy that a connector's resolved config names. */
export function replicationPolicy(config: Properties, logger: Logger): ReplicationPolicy {
  const isIdentity = config.get('replication.policy.class')?.trim() === policyClasses.identity
  const Policy = isIdentity ? IdentityReplicationPolicy : DefaultReplicationPolicy
  return new Policy(Object.fromEntries(config), logger)
}
