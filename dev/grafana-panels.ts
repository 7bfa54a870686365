/** What the dashboard shows, from the top down: rows of panels, each with its queries. */

export interface Query {
  readonly expr: string
  /** With `{{label}}`s. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What to read out of it. */
  readonly about: string
  readonly kind: 'stat' | 'timeseries' | 'table'
  /** Grafana's name of the unit. */
  readonly unit: string
  readonly queries: readonly Query[]
}

export interface PanelRow {
  readonly title: string
  readonly panels: readonly Panel[]
}

const mirror = 'kafka_connect_mirror_'
const route = 'source=~"$source",target=~"$target"'
const topic = `${route},topic=~"$topic"`
const byRoute = 'by (source, target)'
const ofRoute = '{{source}}->{{target}}'
const ofTask = `${ofRoute} {{connector}}-{{task}}`

const query = (expr: string, legend: string): Query => ({ expr, legend })
const rate = (metric: string, labels = route): string => `rate(${metric}{${labels}}[$__rate_interval])`
const increase = (metric: string, labels = route): string => `increase(${metric}{${labels}}[$__range])`

const panel =
  (kind: Panel['kind']) =>
  (title: string, unit: string, about: string, ...queries: readonly Query[]): Panel => ({
    title,
    about,
    kind,
    unit,
    queries
  })
const stat = panel('stat')
const timeseries = panel('timeseries')
const table = panel('table')

const lag: PanelRow = {
  title: 'Lag',
  panels: [
    stat(
      'Lag, seconds',
      's',
      'How old the target is, at its worst partition.',
      query(`max ${byRoute} (${mirror}mirrortasklag_lag_seconds{${route}})`, ofRoute)
    ),
    stat(
      'Lag, records',
      'short',
      'Source offsets that are not at the target yet.',
      query(`sum ${byRoute} (${mirror}mirrortasklag_lag_records{${route}})`, ofRoute)
    ),
    stat(
      'Lag, bytes',
      'bytes',
      'The same, estimated from the mean size of a record.',
      query(`sum ${byRoute} (${mirror}mirrortasklag_lag_bytes{${route}})`, ofRoute)
    ),
    timeseries(
      'Lag by route',
      's',
      'A line that climbs by a second a second stands still.',
      query(`max ${byRoute} (${mirror}mirrortasklag_lag_seconds{${route}})`, ofRoute)
    ),
    timeseries(
      'Records behind, by topic',
      'short',
      'Needs partition series.',
      query(`topk(20, sum by (topic) (${mirror}mirrorlag_lag_records{${topic}}))`, '{{topic}}')
    ),
    table(
      'Partitions that are most behind',
      's',
      'Needs partition series.',
      query(`topk(20, max by (topic, partition) (${mirror}mirrorlag_lag_seconds{${topic}}))`, '{{topic}}-{{partition}}')
    )
  ]
}

const throughput: PanelRow = {
  title: 'Throughput',
  panels: [
    timeseries(
      'Records acknowledged by the target',
      'cps',
      'Of all connectors; heartbeats are one a second.',
      query(
        `sum by (source, target, connector) (${rate('kafka_connect_source_task_source_record_write_total')})`,
        `${ofRoute} {{connector}}`
      )
    ),
    timeseries(
      'Records by topic',
      'cps',
      'Needs partition series.',
      query(`topk(20, sum by (topic) (${rate(`${mirror}mirrorsourceconnector_record_count`, topic)}))`, '{{topic}}')
    ),
    timeseries(
      'Bytes by topic',
      'Bps',
      'Whole batches, compressed as they are. Needs partition series.',
      query(`topk(20, sum by (topic) (${rate(`${mirror}mirrorsourceconnector_byte_count`, topic)}))`, '{{topic}}')
    )
  ]
}

const latency: PanelRow = {
  title: 'Latency',
  panels: [
    timeseries(
      'Replication latency',
      'ms',
      'From the timestamp of a record to its acknowledgement. Large while old records are mirrored.',
      query(
        `avg ${byRoute} (${mirror}mirrorsourceconnector_replication_latency_ms_avg{${topic}} >= 0)`,
        `${ofRoute} avg`
      ),
      query(
        `max ${byRoute} (${mirror}mirrorsourceconnector_replication_latency_ms_max{${topic}} >= 0)`,
        `${ofRoute} max`
      )
    ),
    timeseries(
      'Age of records when polled',
      'ms',
      'What the source, its producers and the fetch add; the rest of the latency is the target.',
      query(`avg ${byRoute} (${mirror}mirrorsourceconnector_record_age_ms_avg{${topic}} >= 0)`, `${ofRoute} avg`),
      query(`max ${byRoute} (${mirror}mirrorsourceconnector_record_age_ms_max{${topic}} >= 0)`, `${ofRoute} max`)
    ),
    timeseries(
      'Storing positions',
      'ms',
      'How long it takes; what is not stored is mirrored again after a crash.',
      query(
        `max by (source, target, connector) (kafka_connect_connector_task_offset_commit_max_time_ms{${route}} >= 0)`,
        `${ofRoute} {{connector}}`
      )
    )
  ]
}

const tasks: PanelRow = {
  title: 'Tasks',
  panels: [
    stat(
      'Tasks by state',
      'short',
      'Anything failed is for an operator.',
      query(`count by (status) (kafka_connect_connector_task_status{${route}})`, '{{status}}')
    ),
    stat(
      'Connectors by state',
      'short',
      'As above.',
      query(`count by (status) (kafka_connect_connector_status{${route}})`, '{{status}}')
    ),
    timeseries(
      'Records between source and target',
      'short',
      'Polled, not acknowledged yet. At its limit while the target is the slower side.',
      query(
        `sum by (source, target, connector, task) (kafka_connect_source_task_source_record_active_count{${route}})`,
        ofTask
      )
    ),
    timeseries(
      'Positions that could not be stored',
      'percentunit',
      'Share of attempts.',
      query(
        `max by (source, target, connector, task) (kafka_connect_connector_task_offset_commit_failure_percentage{${route}})`,
        ofTask
      )
    ),
    timeseries(
      'Errors of transforms and converters',
      'short',
      'Records that were skipped are gaps of the kind filtered.',
      query(`sum by (source, target, connector) (${rate('kafka_connect_task_error_total_record_errors')})`, ofRoute),
      query(
        `sum by (source, target, connector) (${rate('kafka_connect_task_error_total_records_skipped')})`,
        `${ofRoute} skipped`
      )
    )
  ]
}

const gaps: PanelRow = {
  title: 'Gaps and partitions that stand still',
  panels: [
    stat(
      'Gaps in this time',
      'short',
      'Source records that will never be at the target, by kind; docs/metrics.md has what each means.',
      query(`sum by (kind) (${increase(`${mirror}mirrorgaps_gap_event_count`)})`, '{{kind}}')
    ),
    timeseries(
      'Records in gaps',
      'short',
      'At most so many.',
      query(`sum by (source, target, kind) (${rate(`${mirror}mirrorgaps_gap_record_count`)})`, `${ofRoute} {{kind}}`)
    ),
    table(
      'Partitions with gaps',
      'short',
      'Since their process started. Needs partition series.',
      query(
        `sum by (source, target, topic, partition, kind) (${mirror}mirrorpartitiongaps_gap_record_count{${topic}})`,
        `${ofRoute} {{topic}}-{{partition}} {{kind}}`
      )
    ),
    stat(
      'Partitions that stand still',
      'short',
      'Source: cannot be read. Target: cannot be written. The log says why.',
      query(`sum by (source, target, side) (${mirror}mirrorstopped_partition_count{${route}})`, `${ofRoute} {{side}}`)
    ),
    table(
      'Which they are',
      'short',
      'Needs partition series.',
      query(
        `max by (source, target, topic, partition, side) (${mirror}mirrorstoppedpartition_stopped{${topic}})`,
        `${ofRoute} {{topic}}-{{partition}} {{side}}`
      )
    )
  ]
}

const translation: PanelRow = {
  title: 'Translation of group offsets',
  panels: [
    timeseries(
      'Checkpoints by quality',
      'cps',
      'Exact: a failover begins at precisely the next record. Conservative: some are read again.',
      query(`sum ${byRoute} (${rate(`${mirror}mirrortranslation_exact_count`)})`, `${ofRoute} exact`),
      query(`sum ${byRoute} (${rate(`${mirror}mirrortranslation_conservative_count`)})`, `${ofRoute} conservative`),
      query(`sum ${byRoute} (${rate(`${mirror}mirrortranslation_untranslated_count`)})`, `${ofRoute} none`)
    ),
    table(
      'Groups that would read again',
      'short',
      'Conservative checkpoints in this time.',
      query(
        `sum by (source, target, group) (${increase(`${mirror}mirrortranslation_conservative_count`)}) > 0`,
        `${ofRoute} {{group}}`
      )
    ),
    timeseries(
      'Checkpoint latency',
      'ms',
      'How long a checkpoint takes to the target.',
      query(
        `max by (source, target, group) (${mirror}mirrorcheckpointconnector_checkpoint_latency_ms_max{${route}} >= 0)`,
        `${ofRoute} {{group}}`
      )
    ),
    stat(
      'Offset map usable',
      'bool_yes_no',
      'No: translation goes by offset syncs alone, and is conservative.',
      query(`min ${byRoute} (${mirror}mirroroffsetmap_usable{${route}})`, ofRoute)
    ),
    timeseries(
      'Offset map written',
      'Bps',
      'What exact translation costs.',
      query(`sum ${byRoute} (${rate(`${mirror}mirroroffsetmap_byte_count`)})`, ofRoute)
    )
  ]
}

const workers: PanelRow = {
  title: 'Workers',
  panels: [
    timeseries(
      'Tasks by worker',
      'short',
      'How the work of a route is shared.',
      query(
        `sum by (source, target, instance) (kafka_connect_connect_worker_task_count{${route}})`,
        `${ofRoute} {{instance}}`
      )
    ),
    timeseries(
      'Rebalances',
      'short',
      'Each moves tasks; many in a row mean that workers come and go.',
      query(
        `sum by (source, target, instance) (${increase('kafka_connect_connect_worker_rebalance_completed_rebalances_total')})`,
        `${ofRoute} {{instance}}`
      )
    ),
    timeseries(
      'Since the last heartbeat to the group',
      's',
      'Near session.timeout.ms the worker stops writing, and others take its work over.',
      query(
        `max by (source, target, instance) (kafka_connect_connect_coordinator_last_heartbeat_seconds_ago{${route}} >= 0)`,
        `${ofRoute} {{instance}}`
      )
    )
  ]
}

const process: PanelRow = {
  title: 'Process',
  panels: [
    timeseries(
      'CPU',
      'percentunit',
      'Of one core; the program has one main thread.',
      query('rate(process_cpu_seconds_total[$__rate_interval])', '{{instance}}')
    ),
    timeseries(
      'Memory',
      'bytes',
      'Batches on their way are outside of the heap.',
      query('process_resident_memory_bytes', '{{instance}} resident'),
      query('nodejs_heap_size_used_bytes', '{{instance}} heap')
    ),
    timeseries(
      'Event loop lag',
      's',
      'Contains the 100 ms of its own measurement.',
      query('nodejs_eventloop_lag_p99_seconds', '{{instance}} p99')
    )
  ]
}

export const panelRows: readonly PanelRow[] = [lag, throughput, latency, tasks, gaps, translation, workers, process]
