import { describe, expect, it } from 'vitest'
import { ConnectMetrics } from '../../../../src/connect/metrics/connect-metrics.ts'
import { MetricRegistry } from '../../../../src/metrics/metric-registry.ts'
import { scrape } from '../../../../src/metrics/scrape.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function worker(): {
  readonly clock: ManualClock
  readonly metrics: ConnectMetrics
  readonly value: (name: string, labels?: string) => Promise<number | undefined>
  readonly lines: (start: string) => Promise<readonly string[]>
} {
  const clock = new ManualClock()
  const registry = new MetricRegistry({ clock })
  const labels = { source: 'A', target: 'B' }
  const metrics = new ConnectMetrics({ registry, labels, workerId: 'A->B', version: '4.3.1', commit: 'c', clock })
  const lines = async (start: string): Promise<string[]> => {
    const chunks: string[] = []
    for await (const chunk of scrape(registry)) chunks.push(chunk)
    return chunks
      .join('')
      .split('\n')
      .filter((line) => line.startsWith(start))
  }
  return {
    clock,
    metrics,
    lines,
    value: async (name, own = '') => {
      const [line] = await lines(`kafka_connect_${name}{source="A",target="B"${own === '' ? '' : `,${own}`}} `)
      return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')).replace('+Inf', 'Infinity'))
    }
  }
}

const id = { connector: 'c', task: 0 }
const ofTask = 'connector="c",task="0"'
const plugins = {
  keyConverter: { className: 'K', version: '1' },
  valueConverter: { className: 'V', version: '1' },
  headerConverter: { className: 'H', version: '1' },
  transforms: new Map([['t', { className: 'T', version: '1' }]]),
  predicates: new Map([['p', { className: 'P', version: '1' }]])
}

describe('ConnectMetrics', () => {
  it('counts what is polled and not settled as active, never below 0', async () => {
    const { metrics, value } = worker()
    const task = metrics.task(id, undefined)
    const active = (): Promise<number | undefined> => value('source_task_source_record_active_count', ofTask)
    task.polled(10, 3)
    task.written(4)
    expect(await active()).toBe(6)
    task.dropped(1)
    task.written(5)
    expect(await active()).toBe(0)
    task.written(1)
    expect(await active()).toBe(0)
    expect(await value('source_task_source_record_write_total', ofTask)).toBe(10)
    expect(await value('source_task_source_record_poll_total', ofTask)).toBe(10)
    expect(await value('source_task_source_record_active_count_max', ofTask)).toBe(10)
  })

  it('takes the time of commits that succeeded alone, and the share of those that did not', async () => {
    const { metrics, value } = worker()
    const task = metrics.task(id, undefined)
    task.offsetCommit(10, true)
    task.offsetCommit(5000, false)
    expect(await value('connector_task_offset_commit_max_time_ms', ofTask)).toBe(10)
    expect(await value('connector_task_offset_commit_failure_percentage', ofTask)).toBe(0.5)
  })

  it('tells the share of its life that a task ran and was paused', async () => {
    const { clock, metrics, value } = worker()
    const task = metrics.task(id, undefined)
    task.stateChanged('RUNNING')
    await clock.advance(3000)
    task.stateChanged('PAUSED')
    await clock.advance(1000)
    expect(await value('connector_task_running_ratio', ofTask)).toBe(0.75)
    expect(await value('connector_task_pause_ratio', ofTask)).toBe(0.25)
    expect(await value('connector_task_status', `${ofTask},status="paused"`)).toBe(1)
  })

  it('counts a start by its first telling state alone', async () => {
    const { metrics, value } = worker()
    const task = metrics.task(id, undefined)
    task.stateChanged('RESTARTING')
    task.stateChanged('UNASSIGNED')
    expect(await value('connect_worker_task_startup_attempts_total')).toBe(0)
    task.stateChanged('RUNNING')
    task.stateChanged('FAILED')
    metrics.task({ connector: 'c', task: 1 }, undefined).stateChanged('FAILED')
    expect(await value('connect_worker_task_startup_attempts_total')).toBe(2)
    expect(await value('connect_worker_task_startup_success_total')).toBe(1)
    expect(await value('connect_worker_task_startup_failure_total')).toBe(1)
    expect(await value('connect_worker_task_startup_failure_percentage')).toBe(0.5)
    expect(await value('connect_worker_connector_failed_task_count', 'connector="c"')).toBe(2)
    expect(await value('connect_worker_connector_running_task_count', 'connector="c"')).toBe(0)
  })

  it('forgets a task that is closed, and its connector with the last one', async () => {
    const { metrics, lines, value } = worker()
    const connector = metrics.connector('c', undefined)
    const task = metrics.task(id, undefined)
    connector.stateChanged('RUNNING')
    metrics.describeTaskPlugins(id, plugins)
    const ofConnector = async (): Promise<readonly string[]> =>
      (await lines('kafka_')).filter((line) => line.includes('connector="c"'))
    expect(await lines('kafka_connect_connector_transform_transform_class')).toEqual([
      `kafka_connect_connector_transform_transform_class{source="A",target="B",${ofTask},transform="t",transform_class="T"} 1`
    ])
    expect(await value('connector_status', 'connector="c",status="running"')).toBe(1)
    task.closed()
    connector.closed()
    expect(await ofConnector()).toEqual([])
    expect(await value('connect_worker_task_count')).toBe(0)
    expect(await value('connect_worker_connector_count')).toBe(0)
  })

  it('closing an older run of a task leaves the newer one its series', async () => {
    const { metrics, value } = worker()
    const older = metrics.task(id, undefined)
    const newer = metrics.task(id, undefined)
    newer.polled(7, 1)
    older.closed()
    metrics.describeTaskPlugins(id, plugins)
    expect(await value('connector_task_key_converter_class', `${ofTask},key_converter_class="K"`)).toBe(1)
    expect(await value('source_task_source_record_poll_total', ofTask)).toBe(7)
    expect(await value('connect_worker_task_count')).toBe(1)
    newer.errors.recordFailure()
    newer.errors.skipped()
    expect(await value('task_error_total_record_failures', ofTask)).toBe(1)
    expect(await value('task_error_total_records_skipped', ofTask)).toBe(1)
    expect(await value('task_error_last_error_timestamp', ofTask)).toBe(1_700_000_000_000)
  })

  it('measures a rebalance from its first assignment to its work being started', async () => {
    const { clock, metrics, value } = worker()
    const rebalances = metrics.rebalances()
    expect(await value('connect_worker_rebalance_time_since_last_rebalance_ms')).toBe(Infinity)
    rebalances.assigned({ protocol: 'sessioned', leaderUrl: 'NOTUSED', generation: 2 })
    await clock.advance(150)
    rebalances.assigned({ protocol: 'sessioned', leaderUrl: 'NOTUSED', generation: 3 })
    await clock.advance(50)
    expect(await value('connect_worker_rebalance_rebalancing')).toBe(1)
    rebalances.workStarted()
    await clock.advance(1000)
    rebalances.workStarted()
    expect(await value('connect_worker_rebalance_rebalancing')).toBe(0)
    expect(await value('connect_worker_rebalance_completed_rebalances_total')).toBe(1)
    expect(await value('connect_worker_rebalance_rebalance_max_time_ms')).toBe(200)
    expect(await value('connect_worker_rebalance_time_since_last_rebalance_ms')).toBe(1000)
    expect(await value('connect_worker_rebalance_epoch')).toBe(3)
    expect(await value('connect_worker_rebalance_connect_protocol', 'connect_protocol="SESSIONED"')).toBe(1)
  })

  it('keeps the parts of a membership apart, and forgets it when it has ended', async () => {
    const { metrics, lines, value } = worker()
    const coordinator = metrics.coordinator('A->B')
    coordinator.heartbeat(1)
    coordinator.joined(20)
    coordinator.synced(300)
    coordinator.rebalanced(4000)
    coordinator.rebalanceFailed()
    coordinator.owns(3, 5)
    const names = ['heartbeat_response_time_max', 'join_time_max', 'sync_time_max', 'rebalance_latency_max']
    const more = ['failed_rebalance_total', 'assigned_connectors', 'assigned_tasks']
    const values = [...names, ...more].map((name) => value(`connect_coordinator_${name}`, 'client_id="A->B"'))
    expect(await Promise.all(values)).toEqual([1, 20, 300, 4000, 1, 3, 5])
    coordinator.closed()
    expect(await lines('kafka_connect_connect_coordinator')).toEqual([])
  })
})
