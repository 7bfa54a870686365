import { type Logger, silentLogger } from '../base/logger.ts'
import { DefaultReplicationPolicy } from './default-replication-policy.ts'
import { type PluginProperties } from './replication-policy.ts'

const sourceAliasKey = 'source.cluster.alias'

/**
 * Topics keep their names. Cycles cannot be seen in such names, and every ordinary topic counts as coming from the one
 * source. Whatever ends in `heartbeats` is named by the default rule instead, which keeps heartbeats of several
 * clusters apart (and renames a user's `device-heartbeats`, as the reference does).
 */
export class IdentityReplicationPolicy extends DefaultReplicationPolicy {
  readonly #sourceAlias: string | null

  /** @param properties `source.cluster.alias` is there inside a connector; users of the library supply it. */
  constructor(properties: PluginProperties = {}, logger: Logger = silentLogger) {
    super(properties, logger)
    this.#sourceAlias = properties[sourceAliasKey] ?? null
    if (this.#sourceAlias !== null) logger.info({ source: this.#sourceAlias }, 'Remote topics keep their names')
  }

  override formatRemoteTopic(sourceAlias: string, topic: string): string {
    return looksLikeHeartbeats(topic) ? super.formatRemoteTopic(sourceAlias, topic) : topic
  }

  override topicSource(topic: string): string | null {
    return looksLikeHeartbeats(topic) ? super.topicSource(topic) : this.#sourceAlias
  }

  override upstreamTopic(topic: string): string | null {
    // The default rule asks topicSource, which for these names is the default's too.
    return looksLikeHeartbeats(topic) ? super.upstreamTopic(topic) : topic
  }
}

function looksLikeHeartbeats(topic: string): boolean {
  return topic.endsWith('heartbeats')
}
