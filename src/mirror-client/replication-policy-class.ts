import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { javaTrim } from '../config/java-values.ts'
import { PluginError, type PluginLoader, type PluginShape } from '../config/plugin-loader.ts'
import { DefaultReplicationPolicy } from './default-replication-policy.ts'
import { IdentityReplicationPolicy } from './identity-replication-policy.ts'
import {
  completePolicy,
  type CustomReplicationPolicy,
  type PluginProperties,
  type ReplicationPolicy
} from './replication-policy.ts'

const packageName = 'org.apache.kafka.connect.mirror'

/** Names under which the built-in policies go. */
export const policyClasses = {
  default: `${packageName}.DefaultReplicationPolicy`,
  identity: `${packageName}.IdentityReplicationPolicy`
} as const

const key = 'replication.policy.class'
const shape: PluginShape<CustomReplicationPolicy> = {
  noun: 'a replication policy',
  methods: ['formatRemoteTopic', 'topicSource', 'upstreamTopic']
}

/**
 * The policy that properties name, built in or of an ES module.
 * @throws PluginError for a class that cannot be loaded or made
 */
export async function makeReplicationPolicy(
  properties: PluginProperties,
  { loader, logger }: { readonly loader: PluginLoader; readonly logger: Logger }
): Promise<ReplicationPolicy> {
  const value = javaTrim(properties[key] ?? policyClasses.default)
  if (value === policyClasses.default) return new DefaultReplicationPolicy(properties, logger)
  if (value === policyClasses.identity) return new IdentityReplicationPolicy(properties, logger)
  const Loaded = await loader.load<[PluginProperties], CustomReplicationPolicy>(key, value, shape)
  try {
    return completePolicy(new Loaded(properties))
  } catch (cause) {
    const expected = `${shape.noun} that can be made; its constructor threw: ${asError(cause).message}`
    throw new PluginError({ key, value, expected }, cause)
  }
}
