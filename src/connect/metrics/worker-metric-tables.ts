import { metricGroup } from '../../metrics/metric-group.ts'

/** Metrics of a worker, its membership and its connectors, as Kafka Connect 4.3.1 has them (spec 7.1 to 7.3, 7.5). */
const startup = { unit: '0 or 1', meaning: 'first state that a start reached: 1 RUNNING or PAUSED, 0 FAILED' }
const gauge = (name: string): Readonly<Record<string, 'value'>> => ({ [name]: 'value' })

export const workerMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connect-worker-metrics',
  tags: [],
  meaning: 'the worker of a route in this process',
  sensors: {
    connectors: {
      unit: 'connectors',
      meaning: 'connectors here, failed ones too',
      attributes: gauge('connector-count')
    },
    tasks: { unit: 'tasks', meaning: 'tasks here, failed ones too', attributes: gauge('task-count') },
    connectorStartup: {
      ...startup,
      attributes: {
        'connector-startup-attempts-total': 'count',
        'connector-startup-success-total': 'total',
        'connector-startup-failure-total': 'zeros',
        'connector-startup-success-percentage': 'success',
        'connector-startup-failure-percentage': 'failure'
      }
    },
    taskStartup: {
      ...startup,
      attributes: {
        'task-startup-attempts-total': 'count',
        'task-startup-success-total': 'total',
        'task-startup-failure-total': 'zeros',
        'task-startup-success-percentage': 'success',
        'task-startup-failure-percentage': 'failure'
      }
    }
  },
  texts: {}
})

const tasksThatAre = (
  state: string
): { unit: string; meaning: string; attributes: Readonly<Record<string, 'value'>> } => ({
  unit: 'tasks',
  meaning: `tasks of the connector here that are ${state}`,
  attributes: gauge(`connector-${state}-task-count`)
})

/** In the reference the same group with a tag more; there while the connector has tasks here. */
export const connectorTaskCountMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connect-worker-metrics',
  tags: ['connector'],
  meaning: 'a connector that has tasks in this process',
  sensors: {
    total: {
      unit: 'tasks',
      meaning: 'tasks of the connector here',
      attributes: gauge('connector-total-task-count')
    },
    RUNNING: tasksThatAre('running'),
    PAUSED: tasksThatAre('paused'),
    FAILED: tasksThatAre('failed'),
    UNASSIGNED: tasksThatAre('unassigned'),
    DESTROYED: tasksThatAre('destroyed'),
    RESTARTING: tasksThatAre('restarting')
  },
  texts: {}
})

export const rebalanceMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connect-worker-rebalance-metrics',
  tags: [],
  meaning: 'the worker of a route in this process',
  sensors: {
    epoch: { unit: 'generation', meaning: 'generation of the Connect group', attributes: gauge('epoch') },
    rebalancing: {
      unit: '0 or 1',
      meaning: 'whether an assignment has come and its work is not started yet',
      attributes: gauge('rebalancing')
    },
    completed: {
      unit: 'ms',
      meaning: 'time from an assignment to its work being started',
      attributes: {
        'completed-rebalances-total': 'count',
        'rebalance-max-time-ms': 'max',
        'rebalance-avg-time-ms': 'avg',
        'time-since-last-rebalance-ms': 'ms-since'
      }
    }
  },
  texts: {
    'connect-protocol': 'Protocol of the group: EAGER, COMPATIBLE or SESSIONED',
    'leader-name': 'URL of the leader; NOTUSED without internal REST'
  }
})

export const coordinatorMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connect-coordinator-metrics',
  tags: ['client-id'],
  meaning: 'the membership of a worker in its group',
  sensors: {
    connectors: { unit: 'connectors', meaning: 'connectors assigned', attributes: gauge('assigned-connectors') },
    tasks: { unit: 'tasks', meaning: 'tasks assigned', attributes: gauge('assigned-tasks') },
    heartbeat: {
      unit: 'ms',
      meaning: 'answered heartbeats and how long the answer took',
      attributes: {
        'heartbeat-rate': 'event-rate',
        'heartbeat-total': 'count',
        'heartbeat-response-time-max': 'max',
        'last-heartbeat-seconds-ago': 'seconds-since'
      }
    },
    join: {
      unit: 'ms',
      meaning: 'joins of the group and how long they took',
      attributes: { 'join-rate': 'event-rate', 'join-total': 'count', 'join-time-avg': 'avg', 'join-time-max': 'max' }
    },
    sync: {
      unit: 'ms',
      meaning: 'assignments fetched and how long that took',
      attributes: { 'sync-rate': 'event-rate', 'sync-total': 'count', 'sync-time-avg': 'avg', 'sync-time-max': 'max' }
    },
    rebalance: {
      unit: 'ms',
      meaning: 'rebalances that succeeded, from the wish to join to the assignment',
      attributes: {
        'rebalance-latency-avg': 'avg',
        'rebalance-latency-max': 'max',
        'rebalance-latency-total': 'total',
        'rebalance-total': 'count',
        'rebalance-rate-per-hour': 'event-rate-per-hour',
        'last-rebalance-seconds-ago': 'seconds-since'
      }
    },
    failedRebalance: {
      unit: 'rebalances',
      meaning: 'rebalances that failed',
      attributes: { 'failed-rebalance-total': 'count', 'failed-rebalance-rate-per-hour': 'event-rate-per-hour' }
    }
  },
  texts: {}
})

export const connectorMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'connector-metrics',
  tags: ['connector'],
  meaning: 'a connector in this process',
  sensors: {},
  texts: {
    status: 'State in lower case',
    'connector-type': 'source',
    'connector-class': 'Class of the connector',
    'connector-version': 'Its version'
  }
})

export const appInfoMetrics = metricGroup({
  domain: 'kafka.connect',
  name: 'app-info',
  tags: ['id'],
  meaning: 'a worker by its id',
  sensors: { started: { unit: 'epoch ms', meaning: 'when the worker was made', attributes: gauge('start-time-ms') } },
  texts: { version: 'Version of Kafka Connect that it stands for', 'commit-id': 'Build of this program' }
})
