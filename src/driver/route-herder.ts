import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type KafkaCluster } from '../client/kafka-cluster.ts'
import { Findings } from '../config/findings.ts'
import { compileJavaPattern } from '../config/java-regex/java-pattern.ts'
import { traced } from '../config/traced-properties.ts'
import { KafkaWorkerGroup, type WorkerGroupSettings } from '../connect/group/kafka-worker-group.ts'
import { DistributedHerder } from '../connect/herder/distributed-herder.ts'
import { type SessionKey } from '../connect/storage/config-store.ts'
import { type WorkerSettings } from '../connect/worker-options.ts'
import { allowAllOverrides } from '../connect/worker/client-override-policy.ts'
import { ConnectWorker } from '../connect/worker/connect-worker.ts'
import { type MirrorServices } from '../mirror/mirror-services.ts'
import { emulatedVersion } from '../mirror/mirror-options.ts'
import { taskConfigSubmitter } from '../rest/submit-task-configs.ts'
import { builtInConnectors } from './built-in-connectors.ts'
import { configureConnectors } from './connector-configs.ts'
import { type ProcessRest } from './process-rest.ts'
import { type RouteConfig } from './route-config.ts'
import { type RouteStores, type StoreServices } from './route-stores.ts'
import { type TaskProducers } from './task-producers.ts'
import { taskProducerProperties, taskProducerSettings } from './worker-clients.ts'

export interface RouteHerderParts extends StoreServices {
  readonly stores: RouteStores
  readonly producers: TaskProducers
  /** Speaks for the worker in the Connect group. */
  readonly member: KafkaCluster
  readonly rest: ProcessRest
}

/** What the group is told while workers do not speak to each other by HTTP. */
const noUrl = 'NOTUSED'
const groupRetryBackoffMs = 100

/** Puts the runtime of one route together: group, worker, connectors, and the herder above them. */
export function createRouteHerder(config: RouteConfig, parts: RouteHerderParts): DistributedHerder {
  const { stores, producers, member, rest, clock, random, logger } = parts
  const url = rest.server.advertisedUrl
  const plugins = new Map(builtInConnectors(mirrorServices(config, parts)).map((plugin) => [plugin.className, plugin]))
  const names = { source: config.source, target: config.target }
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
        clock,
        random,
        logger
      }),
    createWorker: (listener) =>
      new ConnectWorker({
        workerId: workerId(config, url),
        settings: config.worker,
        workerProperties: config.workerProperties,
        findConnector: (className) => plugins.get(className),
        builtInVersion: emulatedVersion,
        configProviders: config.configProviders,
        overridePolicy: allowAllOverrides,
        offsetStore: stores.offsets,
        statusStore: stores.status,
        createProducer: (request) => producers.create(request),
        createPipeline: () => null,
        createTopic: () => Promise.resolve(),
        compilePattern: compileJavaPattern,
        listener,
        clock,
        logger
      }),
    plugins: { findConnector: (className) => plugins.get(className), descriptions: () => [...plugins.values()] },
    settings: config.worker,
    kafkaClusterId: () => stores.clusterId,
    validate: (connector) =>
      Promise.resolve(plugins.get(connector['connector.class'] ?? '')?.validate(connector) ?? []),
    submitTaskConfigs: url === undefined ? undefined : taskConfigSubmitter({ ...names, peers: rest.peers, sessionKey }),
    onLeadership: async () => {
      await configureConnectors(herder, config.connectorProperties, logger)
    },
    onLoggerLevel: (name, level) => {
      setLoggerLevel(rest, logger, { name, level })
    },
    clock,
    random,
    logger
  })
  return herder
}

function mirrorServices(
  config: RouteConfig,
  { openConnection, reachability, clock, random }: StoreServices
): MirrorServices {
  return {
    openConnection,
    reachability,
    clock,
    random,
    producerCompression: (connector) => {
      const properties = taskProducerProperties(traced(config.workerProperties), traced(connector))
      return taskProducerSettings(config.target, properties, new Findings())?.compressionType ?? null
    }
  }
}

/**
 * As 4.1 and later have it: by its address, or never the same again, so that states of a worker that died do not pass for
 * those of the one that follows it.
 */
function workerId({ source, target }: RouteConfig, url: string | undefined): string {
  const route = `${source}->${target}`
  return url === undefined ? `${hostname()}/${route}/${randomUUID()}` : `${new URL(url).host}/${route}`
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
