import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { createRawProducer } from '../client/batch-producer.ts'
import { type CompactedLogOptions } from '../client/compacted-log.ts'
import { connectCluster, type KafkaCluster } from '../client/kafka-cluster.ts'
import { type MetadataSharing } from '../client/metadata-sharing.ts'
import { type Reachability } from '../client/reachability.ts'
import { RenewableProducer } from '../client/renewable-producer.ts'
import { KafkaConfigStore } from '../connect/storage/kafka-config-store.ts'
import { KafkaStatusStore } from '../connect/storage/kafka-status-store.ts'
import { OffsetStore } from '../connect/storage/offset-store.ts'
import { type OpenConnection } from '../net/connection.ts'
import { type RouteConfig, type StorageName } from './route-config.ts'

export interface StoreServices {
  readonly openConnection: OpenConnection
  readonly reachability: Reachability
  readonly metadataSharing: MetadataSharing
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

interface StoreLog {
  readonly cluster: KafkaCluster
  readonly producer: RenewableProducer
  readonly options: Omit<CompactedLogOptions, 'onRecord' | 'producer'> & { readonly producer: RenewableProducer }
}

/** The three internal topics of a route, on its target, each with clients of its own. */
export class RouteStores {
  readonly config: KafkaConfigStore
  readonly offsets: OffsetStore
  readonly status: KafkaStatusStore
  readonly #logs: readonly StoreLog[]

  /** @param isLeaseHeld while false no position is stored, and nothing written as leader: others may do this worker's work by now */
  constructor(route: RouteConfig, services: StoreServices, isLeaseHeld: () => boolean) {
    const [config, offset, status] = [
      storeLog('config', route, services),
      storeLog('offset', route, services, isLeaseHeld),
      storeLog('status', route, services)
    ]
    this.#logs = [config, offset, status]
    this.config = new KafkaConfigStore({ ...config.options, isLeaseHeld })
    this.offsets = new OffsetStore(offset.options)
    this.status = new KafkaStatusStore(status.options)
  }

  /** Id of the target; null where its brokers tell none. */
  get clusterId(): string | null {
    return this.#logs[0]?.cluster.clusterId ?? null
  }

  /** Ends the clients of stores that are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#logs.map(({ producer }) => producer.close()))
    await Promise.all(this.#logs.map(({ cluster }) => cluster.close()))
  }
}

function storeLog(
  name: StorageName,
  route: RouteConfig,
  services: StoreServices,
  mayWrite = (): boolean => true
): StoreLog {
  const { worker, clients, target, storageTopicSettings } = route
  const settings = clients.stores[name]
  const cluster = connectCluster({ alias: target, settings, ...services })
  const producer = new RenewableProducer(() =>
    createRawProducer({
      cluster,
      settings,
      label: name,
      mayWrite,
      listener: { blocked: () => undefined, resumed: () => undefined },
      ...services
    })
  )
  const options: StoreLog['options'] = {
    cluster,
    producer,
    clock: services.clock,
    logger: services.logger,
    topic: worker[`${name}.storage.topic`],
    partitions: name === 'config' ? 1 : worker[`${name}.storage.partitions`],
    replicationFactor: worker[`${name}.storage.replication.factor`],
    configs: Object.fromEntries(storageTopicSettings[name]),
    isolation: 'read_uncommitted'
  }
  return { cluster, producer, options }
}
