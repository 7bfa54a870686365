import { asError } from '../../base/errors.ts'
import { ConfigError } from '../../config/config-error.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { taskClientProperties } from './client-override-policy.ts'
import { type ConnectWorkerOptions, type TaskProducer } from './connect-worker-options.ts'
import { requirePluginVersion } from './plugin-version.ts'
import { presentEntries } from './resolve-config.ts'
import { type ReportState } from './status-reporter.ts'
import { TaskPositions } from './task-positions.ts'
import { TopicCreationRules } from './topic-creation.ts'
import { type TaskObserver } from './worker-observer.ts'
import { WorkerSourceTask } from './worker-source-task.ts'

/** A task and what it stands on. */
export interface RunningTask {
  readonly id: ConnectorTaskId
  readonly task: WorkerSourceTask
  /** Resolves when the task has ended and its clients are closed. Never rejects. */
  readonly ended: Promise<void>
  /** Ends all of it at once. */
  readonly cancel: () => void
  readonly positions: TaskPositions
  readonly observer: TaskObserver
}

export interface TaskParts {
  readonly id: ConnectorTaskId
  readonly plugin: SourceConnectorPlugin
  /** Resolved, as is the task's. */
  readonly connectorConfig: ConnectorConfig
  readonly taskConfig: ConnectorConfig
  readonly isPaused: boolean
  readonly isLeaseHeld: () => boolean
  readonly write: ReportState
  readonly observer: TaskObserver
}

/**
 * The plug-in of a resolved config, when it and the built-in converters are of the versions asked for.
 * @throws ConfigError
 */
export function requireConnector(
  { findConnector, builtInVersion }: Pick<ConnectWorkerOptions, 'findConnector' | 'builtInVersion'>,
  config: ConnectorConfig
): SourceConnectorPlugin {
  const className = config['connector.class'] ?? null
  const plugin = className === null ? undefined : findConnector(className)
  if (plugin === undefined) {
    const expected = 'the class of a source connector that this program has, or can load'
    throw new ConfigError([{ key: 'connector.class', value: className, expected }])
  }
  requirePluginVersion('connector.plugin.version', config['connector.plugin.version'], plugin.version)
  for (const part of ['key', 'value', 'header']) {
    const key = `${part}.converter.plugin.version`
    requirePluginVersion(key, config[key], builtInVersion)
  }
  return plugin
}

/** Makes a task, its producer and what is around them, and starts it. Throws ConfigError and what the plug-in throws. */
export function startWorkerTask(options: ConnectWorkerOptions, parts: TaskParts): RunningTask {
  const { settings, offsetStore, clock, logger } = options
  const { id, plugin, connectorConfig, taskConfig, isPaused, isLeaseHeld, write, observer } = parts
  const name = taskIdText(id)
  const services = { connector: id.connector, task: id.task, logger: logger.child({ task: name }) }
  const properties = taskClientProperties('producer', name, {
    worker: options.workerProperties,
    connector: connectorConfig,
    policy: options.overridePolicy
  })
  // Before anything that must be closed is made.
  const prepareTopic = topicCreation(options, connectorConfig)
  const positions = new TaskPositions(offsetStore, id.connector)
  const client = options.createProducer({ id, properties, isLeaseHeld })
  try {
    const task = new WorkerSourceTask({
      id: name,
      task: plugin.createTask(Object.fromEntries(presentEntries(taskConfig)), services),
      producer: client.producer,
      offsetStore: positions,
      offsetFlushIntervalMs: settings['offset.flush.interval.ms'],
      offsetFlushTimeoutMs: settings['offset.flush.timeout.ms'],
      gracefulStopTimeoutMs: settings['task.shutdown.graceful.timeout.ms'],
      isPaused,
      isLeaseHeld,
      createPipeline: (stopping) =>
        options.createPipeline(connectorConfig, { ...services, stopping, observer: observer.errors }),
      prepareTopic,
      noteTopic: topicTracking(options, id),
      report: (state, error) => {
        if (error !== undefined) logger.error({ task: name, err: error }, 'The task has failed')
        write(state, error)
      },
      observer,
      clock,
      logger
    })
    return { ...runningTask(parts, task, closeOnce(client, name, logger)), positions }
  } catch (thrown) {
    const closed = (): Promise<void> => closeOnce(client, name, logger)()
    void client.producer.close().then(closed, closed)
    throw thrown
  }
}

function runningTask(
  { id, observer }: TaskParts,
  task: WorkerSourceTask,
  close: () => Promise<void>
): Omit<RunningTask, 'positions'> {
  const cancel = (): void => {
    task.cancel()
    void close()
  }
  return { id, task, ended: task.done.then(close), cancel, observer }
}

function closeOnce(client: TaskProducer, name: string, logger: ConnectWorkerOptions['logger']): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= client.close().catch((thrown: unknown) => {
      logger.warn({ task: name, err: asError(thrown) }, 'The clients of the task did not close cleanly')
    })
    return closing
  }
}

/** Null where the topics that the connector writes to are none of the worker's business. */
function topicCreation(
  { settings, createTopic, compilePattern }: ConnectWorkerOptions,
  config: ConnectorConfig
): ((topic: string) => Promise<void>) | null {
  const rules = settings['topic.creation.enable'] ? TopicCreationRules.of(config, compilePattern) : null
  return rules === null ? null : (topic) => createTopic(rules.specOf(topic))
}

/** How often a topic that records flow to is looked for in the status store; what was put shows there after a round trip. */
const noteAgainMs = 1_000

/** Notes active topics in the status topic, again after they were reset. Null when that is switched off. */
function topicTracking(
  { settings, statusStore, clock }: ConnectWorkerOptions,
  id: ConnectorTaskId
): ((topic: string) => void) | null {
  if (!settings['topic.tracking.enable']) return null
  const notedAtMs = new Map<string, number>()
  return (topic) => {
    const now = clock.now()
    if (now - (notedAtMs.get(topic) ?? -Infinity) < noteAgainMs) return
    notedAtMs.set(topic, now)
    statusStore.putTopic(topic, id, now)
  }
}
