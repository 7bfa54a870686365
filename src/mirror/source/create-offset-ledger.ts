import { type Logger } from '../../base/logger.ts'
import { createRawProducer } from '../../client/batch-producer.ts'
import { connectCluster } from '../../client/kafka-cluster.ts'
import { offsetMapTopic, type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { type MirrorServices } from '../mirror-services.ts'
import { type MirrorSourceConfig } from './mirror-source-config.ts'
import { type LedgerMap, OffsetLedger } from './offset-ledger.ts'
import { type OffsetSyncSettings } from './offset-sync-settings.ts'
import { OffsetSyncWriter } from './offset-sync-writer.ts'

export interface LedgerParts {
  readonly policy: ReplicationPolicy
  /** Number of the task. */
  readonly task: number
  /** For log lines and connections: `<connector>-<task>`. */
  readonly label: string
  readonly services: MirrorServices
  readonly logger: Logger
}

/** The ledger of one task, with what it writes to opened; its `close` closes it all. */
export function createOffsetLedger(
  { options, offsetSyncs, offsetMap }: MirrorSourceConfig,
  parts: LedgerParts,
  isLeaseHeld: () => boolean
): OffsetLedger {
  const { policy, services, logger } = parts
  let map: LedgerMap | undefined
  if (offsetMap !== null) {
    const topics = services.offsetMapTopics
    const topic = topics.acquire(offsetMapTopic(policy, offsetMap.sourceAlias), offsetMap)
    map = {
      ...{ topic, intervalMs: options['offset.map.interval.ms'], release: () => topics.release(topic) },
      // Nobody goes on where a group stood in heartbeats; the map of an idle route would be written for them each second.
      covers: (name) => !policy.isHeartbeatsTopic(name)
    }
  }
  const syncs = offsetSyncs === null ? undefined : openSyncs(offsetSyncs, parts, isLeaseHeld)
  return new OffsetLedger({ map, syncs, isLeaseHeld, clock: services.clock, logger })
}

function openSyncs(
  { alias, namedAfter, lagMax, ...settings }: OffsetSyncSettings,
  { policy, task, label, services, logger }: LedgerParts,
  isLeaseHeld: () => boolean
): OffsetSyncWriter {
  const client = settings.producer(task)
  const cluster = connectCluster({ alias, settings: client, ...services, logger })
  const producer = createRawProducer({
    cluster,
    settings: client,
    label: `${label} offset syncs`,
    mayWrite: isLeaseHeld,
    listener: { blocked: () => undefined, resumed: () => undefined },
    ...services,
    logger
  })
  const close = async (): Promise<void> => {
    await producer.close()
    await cluster.close()
  }
  return new OffsetSyncWriter({
    producer: producer,
    close,
    topic: policy.offsetSyncsTopic(namedAfter),
    lagMax,
    clock: services.clock
  })
}
