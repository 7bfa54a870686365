import { type ForwardingAdmin } from '../../admin/forwarding-admin.ts'
import { type Clock } from '../../base/clock.ts'
import { type Logger } from '../../base/logger.ts'
import { type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { createInternalTopic } from '../internal-topic-creation.ts'
import { type MirrorHeartbeatConfig } from './mirror-heartbeat-config.ts'

export interface MirrorHeartbeatConnectorOptions {
  readonly config: Omit<MirrorHeartbeatConfig, 'targetAdmin'>
  readonly topic: string
  /** The connector's config as text: the config of its task. */
  readonly properties: TaskConfig
  /** Closed by who made it. */
  readonly targetAdmin: ForwardingAdmin
  readonly clock: Clock
  readonly logger: Logger
}

/** Sees to it that there is a heartbeats topic on the target, and has one task write into it. */
export class MirrorHeartbeatConnector implements SourceConnector {
  readonly #options: MirrorHeartbeatConnectorOptions

  constructor(options: MirrorHeartbeatConnectorOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { config, topic, targetAdmin: admin, clock, logger } = this.#options
    if (config.intervalMs === null) return
    const { topicReplicationFactor: replicationFactor, adminTimeoutMs: timeoutMs } = config
    await createInternalTopic({ topic, replicationFactor, timeoutMs }, { admin, clock, logger })
  }

  taskConfigs(): TaskConfig[] {
    return this.#options.config.intervalMs === null ? [] : [this.#options.properties]
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }
}
