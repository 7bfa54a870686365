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

/** What a class of one's own must be, and where it is named. */
export const policyKind = {
  key: 'replication.policy.class',
  noun: 'a replication policy',
  methods: ['formatRemoteTopic', 'topicSource', 'upstreamTopic']
} as const satisfies PluginShape<CustomReplicationPolicy> & { key: string }

/** The built-in policy that properties name, or leave it at; undefined for a name of something else. */
export function builtInPolicy(properties: PluginProperties, logger: Logger): ReplicationPolicy | undefined {
  const name = javaTrim(properties[policyKind.key] ?? policyClasses.default)
  if (name === policyClasses.default) return new DefaultReplicationPolicy(properties, logger)
  return name === policyClasses.identity ? new IdentityReplicationPolicy(properties, logger) : undefined
}

/**
 * The policy that properties name, built in or of an ES module.
 * @throws PluginError for a class that cannot be loaded or made
 */
export async function makeReplicationPolicy(
  properties: PluginProperties,
  { loader, logger }: { readonly loader: PluginLoader; readonly logger: Logger }
): Promise<ReplicationPolicy> {
  const builtIn = builtInPolicy(properties, logger)
  if (builtIn !== undefined) return builtIn
  const { key, noun } = policyKind
  const value = javaTrim(properties[key] ?? '')
  const Loaded = await loader.load<[PluginProperties], CustomReplicationPolicy>(key, value, policyKind)
  try {
    return completePolicy(new Loaded(properties))
  } catch (cause) {
    const expected = `${noun} that can be made; its constructor threw: ${asError(cause).message}`
    throw new PluginError({ key, value, expected }, cause)
  }
}
