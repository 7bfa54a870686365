import { type Clock } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { connectCluster, type KafkaCluster } from '../client/kafka-cluster.ts'
import { MetadataSharing } from '../client/metadata-sharing.ts'
import { Reachability } from '../client/reachability.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { type DistributedHerder } from '../connect/herder/distributed-herder.ts'
import { type ConnectorStatus } from '../connect/herder/herder.ts'
import { type MetricRegistry } from '../metrics/metric-registry.ts'
import { MirrorMetrics } from '../mirror/metrics/mirror-metrics.ts'
import { type OpenConnection } from '../net/connection.ts'
import { type RestRoute } from '../rest/rest-services.ts'
import { type ProcessRest } from './process-rest.ts'
import { type RouteConfig } from './route-config.ts'
import { createRouteHerder } from './route-herder.ts'
import { mirrorServices } from './mirror-services.ts'
import { routePlugins, type RoutePlugins } from './route-plugins.ts'
import { RouteStores } from './route-stores.ts'
import { TaskProducers } from './task-producers.ts'

/** What the routes of a process share. */
export interface RouteServices {
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly rest: ProcessRest
  readonly metrics: MetricRegistry
  readonly loader: PluginLoader
}

export interface RouteStatus {
  readonly connectors: readonly ConnectorStatus[]
  /** Target partitions that take no records until an operator acts: `topic-partition`. */
  readonly blockedPartitions: readonly string[]
}

/** For connectors, statuses, and leaving the group. */
const stopOverheadMs = 12_000

/** How long a route may take to stop. */
export function longestStopMs({ worker }: RouteConfig): number {
  return worker['task.shutdown.graceful.timeout.ms'] + stopOverheadMs
}

/** One `A->B` pair at work: a worker of its Connect group, which runs this process's share of the three connectors. */
export class MirrorRoute {
  readonly #config: RouteConfig
  readonly #stores: RouteStores
  readonly #producers: TaskProducers
  readonly #member: KafkaCluster
  readonly #plugins: RoutePlugins
  readonly #metrics: MirrorMetrics
  readonly #herder: DistributedHerder

  constructor(config: RouteConfig, services: RouteServices) {
    this.#config = config
    const logger = services.logger.child({ route: `${config.source}->${config.target}` })
    // All clients of the route tell together when a cluster is away.
    const metadataSharing = new MetadataSharing(services.clock)
    const { metrics: registry, clock } = services
    const mirrorMetrics = new MirrorMetrics({ registry, source: config.source, target: config.target, clock })
    this.#metrics = mirrorMetrics
    const own = { ...services, logger, reachability: new Reachability(logger), metadataSharing, mirrorMetrics }
    this.#stores = new RouteStores(config, own, () => this.#herder.isLeaseHeld)
    this.#producers = new TaskProducers(config.target, own)
    this.#member = connectCluster({ alias: config.target, settings: config.clients.member, ...own })
    this.#plugins = routePlugins(config, mirrorServices(config, own), services.loader)
    this.#herder = createRouteHerder(config, {
      plugins: this.#plugins,
      stores: this.#stores,
      producers: this.#producers,
      member: this.#member,
      ...own
    })
  }

  get name(): string {
    return `${this.#config.source}->${this.#config.target}`
  }

  /** The route as the REST API shows it. */
  get rest(): RestRoute {
    const { source, target, connectorProperties } = this.#config
    return {
      source,
      target,
      herder: this.#herder,
      validation: this.#plugins.validation,
      isFileManaged: (connector) => [...connectorProperties.keys()].some((name) => name === connector),
      stoppedPartitions: () => this.#metrics.stoppedPartitionNames
    }
  }

  /** Settles when the route's worker has ended: with the error that ended it, where none asked it to. Never rejects. */
  get done(): Promise<Error | undefined> {
    return this.#herder.done
  }

  /**
   * Resolves when the internal topics are read and the worker joins its group. Clusters that are away are waited for, for as
   * long as it takes.
   * @throws MirrorError MIRROR_INTERNAL_TOPIC; MIRROR_CONFIG_INVALID for classes that cannot be loaded and the like
   */
  async start(): Promise<void> {
    await this.#checkConnectors()
    await this.#herder.start()
  }

  /** What the file configures must be fit to be stored: who leads would try in vain for ever. */
  async #checkConnectors(): Promise<void> {
    const found: string[] = []
    for (const [name, properties] of this.#config.connectorProperties) {
      const problems = await this.#plugins.validation.problems(Object.fromEntries(properties))
      found.push(...problems.map(({ key, message }) => `${this.name}: ${name}: ${key}: ${message}`))
    }
    if (found.length > 0) throw new MirrorError('MIRROR_CONFIG_INVALID', found.join('\n'))
  }

  async status(): Promise<RouteStatus> {
    const names = await this.#herder.connectors()
    const connectors = await Promise.all(names.map((name) => this.#herder.connectorStatus(name)))
    return { connectors, blockedPartitions: this.#producers.blockedPartitions }
  }

  async stop(): Promise<void> {
    await this.#herder.stop(longestStopMs(this.#config))
    await this.#stores.close()
    await this.#member.close()
  }
}
