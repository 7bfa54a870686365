import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { program } from '../base/program.ts'
import { type KafkaCluster } from '../client/kafka-cluster.ts'
import { KafkaWorkerGroup, type WorkerGroupSettings } from '../connect/group/kafka-worker-group.ts'
import { DistributedHerder } from '../connect/herder/distributed-herder.ts'
import { ConnectMetrics } from '../connect/metrics/connect-metrics.ts'
import { type SessionKey } from '../connect/storage/config-store.ts'
import { type WorkerSettings } from '../connect/worker-options.ts'
import { type MetricRegistry } from '../metrics/metric-registry.ts'
import { emulatedVersion } from '../mirror/mirror-options.ts'
import { taskConfigSubmitter } from '../rest/submit-task-configs.ts'
import { configureConnectors } from './connector-configs.ts'
import { type ProcessRest } from './process-rest.ts'
import { type RouteConfig } from './route-config.ts'
import { type RoutePlugins } from './route-plugins.ts'
import { type RouteStores, type StoreServices } from './route-stores.ts'
import { createRouteWorker, workerId } from './route-worker.ts'
import { type TaskProducers } from './task-producers.ts'

export interface RouteHerderParts extends StoreServices {
  readonly stores: RouteStores
  readonly producers: TaskProducers
  readonly plugins: RoutePlugins
  /** Speaks for the worker in the Connect group. */
  readonly member: KafkaCluster
  readonly rest: ProcessRest
  readonly metrics: MetricRegistry
}

/** What the group is told while workers do not speak to each other by HTTP. */
const noUrl = 'NOTUSED'
const groupRetryBackoffMs = 100

/** Puts the runtime of one route together: group, worker, connectors, and the herder above them. */
export function createRouteHerder(config: RouteConfig, parts: RouteHerderParts): DistributedHerder {
  const { stores, member, rest, plugins, clock, random, logger } = parts
  const url = rest.server.advertisedUrl
  const names = { source: config.source, target: config.target }
  const id = workerId(config, url)
  const version = { version: emulatedVersion, commit: `${program.name}-${program.version}` }
  const metrics = new ConnectMetrics({ registry: parts.metrics, labels: names, workerId: id, ...version, clock })
  const sessionKey = (): SessionKey | undefined => herder.sessionKey
  const herder: DistributedHerder = new DistributedHerder({
    stores: { config: stores.config, status: stores.status, offsets: stores.offsets },
    createGroup: (callbacks) =>
      new KafkaWorkerGroup({
        cluster: member,
        groupId: config.worker['group.id'],
        url: url ?? noUrl,
        keepConnectorsAtLeader: url === undefined,
        settings: groupSettings(config.worker),
        callbacks,
        observer: metrics.coordinator(config.clients.member.clientId),
        clock,
        random,
        logger
      }),
    createWorker: (listener) => createRouteWorker(config, { ...parts, workerId: id, metrics }, listener),
    plugins: plugins.registry,
    settings: config.worker,
    kafkaClusterId: () => stores.clusterId,
    validate: (connector) => plugins.validation.problems(connector),
    submitTaskConfigs: url === undefined ? undefined : taskConfigSubmitter({ ...names, peers: rest.peers, sessionKey }),
    onLeadership: async () => {
      await configureConnectors(herder, config.connectorProperties, logger)
    },
    rebalanceObserver: metrics.rebalances(),
    onLoggerLevel: (name, level) => {
      setLoggerLevel(rest, logger, { name, level })
    },
    clock,
    random,
    logger
  })
  return herder
}

/** Another worker may write a level that means nothing here. */
function setLoggerLevel(rest: ProcessRest, logger: Logger, { name, level }: { name: string; level: string }): void {
  try {
    rest.loggerLevels.set(name, level)
  } catch (thrown) {
    logger.warn({ logger: name, level, err: asError(thrown) }, 'A level for loggers was written that is unknown here')
  }
}

function groupSettings(worker: WorkerSettings): WorkerGroupSettings {
  return {
    sessionTimeoutMs: worker['session.timeout.ms'],
    heartbeatIntervalMs: worker['heartbeat.interval.ms'],
    rebalanceTimeoutMs: worker['rebalance.timeout.ms'],
    protocol: worker['connect.protocol'],
    scheduledRebalanceMaxDelayMs: worker['scheduled.rebalance.max.delay.ms'],
    retryBackoffMs: groupRetryBackoffMs
  }
}
