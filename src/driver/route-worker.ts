import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createKafkajsAdmin } from '../admin/kafkajs-admin.ts'
import { compileJavaPattern } from '../config/java-regex/java-pattern.ts'
import { taskIdText } from '../connect/connector-task-id.ts'
import { type ConnectMetrics } from '../connect/metrics/connect-metrics.ts'
import { createBatchPipeline } from '../connect/pipeline/create-batch-pipeline.ts'
import { taskPlugins } from '../connect/plugins/task-plugins.ts'
import { allowAllOverrides } from '../connect/worker/client-override-policy.ts'
import { type CreatePipeline } from '../connect/worker/connect-worker-options.ts'
import { ConnectWorker } from '../connect/worker/connect-worker.ts'
import { type CreateTopic } from '../connect/worker/topic-creation.ts'
import { type WorkerListener } from '../connect/worker/worker.ts'
import { emulatedVersion } from '../mirror/mirror-options.ts'
import { type RouteConfig } from './route-config.ts'
import { type RoutePlugins } from './route-plugins.ts'
import { type RouteStores, type StoreServices } from './route-stores.ts'
import { type TaskProducers } from './task-producers.ts'

export interface RouteWorkerParts extends StoreServices {
  readonly workerId: string
  readonly stores: RouteStores
  readonly producers: TaskProducers
  readonly plugins: RoutePlugins
  readonly metrics: ConnectMetrics
}

/**
 * As 4.1 and later have it: by its address, or never the same again, so that states of a worker that died do not pass for
 * those of the one that follows it.
 * @param url where others reach this worker; undefined while they do not
 */
export function workerId({ source, target }: RouteConfig, url: string | undefined): string {
  const route = `${source}->${target}`
  return url === undefined ? `${hostname()}/${route}/${randomUUID()}` : `${new URL(url).host}/${route}`
}

export function createRouteWorker(
  config: RouteConfig,
  parts: RouteWorkerParts,
  listener: WorkerListener
): ConnectWorker {
  const { stores, producers, plugins, metrics, clock, logger } = parts
  return new ConnectWorker({
    workerId: parts.workerId,
    settings: config.worker,
    workerProperties: config.workerProperties,
    findConnector: (className) => plugins.registry.findConnector(className),
    builtInVersion: emulatedVersion,
    configProviders: config.configProviders,
    overridePolicy: allowAllOverrides,
    offsetStore: stores.offsets,
    statusStore: stores.status,
    createProducer: (request) => producers.create(request),
    createPipeline: pipelines(parts),
    createTopic: topicCreator(config, parts),
    compilePattern: compileJavaPattern,
    listener,
    observer: metrics,
    clock,
    logger
  })
}

function pipelines({ plugins, metrics, clock, random }: RouteWorkerParts): CreatePipeline {
  const { workerConfig, records: loader, registry } = plugins
  return async (connectorConfig, { connector, task, logger, observer, stopping }) => {
    const id = { connector, task: task ?? 0 }
    const used = taskPlugins(connectorConfig, workerConfig, registry)
    if (used !== undefined) metrics.describeTaskPlugins(id, used)
    const options = { workerConfig, loader, taskId: taskIdText(id), observer, stopping, clock, random, logger }
    return await createBatchPipeline(connectorConfig, options)
  }
}

/** For `topic.creation.*`; an admin for each call, which is rare. */
function topicCreator({ target: alias, clients }: RouteConfig, { logger }: RouteWorkerParts): CreateTopic {
  return async ({ configs, ...spec }) => {
    const admin = createKafkajsAdmin({ alias, settings: clients.admin, logger })
    try {
      const isNew = await admin.createTopic({ ...spec, configs: Object.fromEntries(configs) })
      if (isNew) logger.info({ topic: spec.topic }, `Topic ${spec.topic} is created by the connector's rules`)
    } finally {
      await admin.close()
    }
  }
}
