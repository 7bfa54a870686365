import { metricGroup, type SensorFacts } from '../../metrics/metric-group.ts'

/** Metrics of a task, as Kafka Connect 4.3.1 has them (spec 7.4). */
const ofTask = ['connector', 'task'] as const

const share = (attribute: string, meaning: string): SensorFacts => ({
  unit: '0 or 1',
  meaning,
  attributes: { [attribute]: 'time-share' }
})

export const taskMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connector-task-metrics',
  tags: ofTask,
  meaning: 'a task in this process',
  sensors: {
    running: share('running-ratio', 'time spent running'),
    paused: share('pause-ratio', 'time spent paused'),
    commitTime: {
      unit: 'ms',
      meaning: 'how long storing positions took where it succeeded',
      attributes: { 'offset-commit-max-time-ms': 'max', 'offset-commit-avg-time-ms': 'avg' }
    },
    commit: {
      unit: '0 or 1',
      meaning: 'attempts to store positions; nothing to store is a success',
      attributes: { 'offset-commit-failure-percentage': 'failure', 'offset-commit-success-percentage': 'success' }
    },
    batchSize: {
      unit: 'records',
      meaning: 'records handed to the producer in one go',
      attributes: { 'batch-size-max': 'max', 'batch-size-avg': 'avg' }
    }
  },
  texts: {
    status: 'State in lower case',
    'connector-class': 'Class of the connector',
    'connector-version': 'Its version',
    'connector-type': 'source',
    'task-class': 'Class of the task',
    'task-version': 'Its version',
    'key-converter-class': 'Converter of keys',
    'key-converter-version': 'Its version',
    'value-converter-class': 'Converter of values',
    'value-converter-version': 'Its version',
    'header-converter-class': 'Converter of headers',
    'header-converter-version': 'Its version'
  }
})

export const sourceTaskMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'source-task-metrics',
  tags: ofTask,
  meaning: 'a source task in this process',
  sensors: {
    polled: {
      unit: 'records',
      meaning: 'records that polls returned, before transforms',
      attributes: { 'source-record-poll-rate': 'rate', 'source-record-poll-total': 'total' }
    },
    written: {
      unit: 'records',
      meaning: 'records that the target acknowledged',
      attributes: { 'source-record-write-rate': 'rate', 'source-record-write-total': 'total' }
    },
    pollTime: {
      unit: 'ms',
      meaning: 'how long polls took that returned something',
      attributes: { 'poll-batch-max-time-ms': 'max', 'poll-batch-avg-time-ms': 'avg' }
    },
    active: {
      unit: 'records',
      meaning: 'records polled and not settled yet',
      attributes: {
        'source-record-active-count': 'value',
        'source-record-active-count-max': 'max',
        'source-record-active-count-avg': 'avg'
      }
    }
  },
  texts: {}
})

const counted = (attribute: string, meaning: string, unit = 'records'): SensorFacts => ({
  unit,
  meaning,
  attributes: { [attribute]: 'total' }
})

export const taskErrorMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'task-error-metrics',
  tags: ofTask,
  meaning: 'a task in this process',
  sensors: {
    failures: counted('total-record-failures', 'attempts at a record that failed', 'attempts'),
    errors: counted('total-record-errors', 'operations on records that failed for good', 'errors'),
    skipped: counted('total-records-skipped', 'records left out because of errors'),
    retries: counted('total-retries', 'operations tried again', 'attempts'),
    logged: counted('total-errors-logged', 'errors logged', 'errors'),
    deadLetterRequests: counted('deadletterqueue-produce-requests', 'always 0 for source tasks', 'requests'),
    deadLetterFailures: counted('deadletterqueue-produce-failures', 'always 0 for source tasks', 'requests'),
    lastError: {
      unit: 'epoch ms',
      meaning: 'when the last error happened, 0 for never',
      attributes: { 'last-error-timestamp': 'value' }
    }
  },
  texts: {}
})

export const transformMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connector-transform-metrics',
  tags: [...ofTask, 'transform'],
  meaning: 'a transform of a task, by its alias',
  sensors: {},
  texts: { 'transform-class': 'Class of the transform', 'transform-version': 'Its version' }
})

export const predicateMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connector-predicate-metrics',
  tags: [...ofTask, 'predicate'],
  meaning: 'a predicate of a task, by its alias',
  sensors: {},
  texts: { 'predicate-class': 'Class of the predicate', 'predicate-version': 'Its version' }
})
