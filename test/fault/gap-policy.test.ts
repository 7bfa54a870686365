/** Records lost at the source under `gap.policy` fail, and what metrics tell of that and of all else, on real brokers. */
import { beforeAll, expect, test } from 'vitest'
import { askedQueries, misfits } from '../support/grafana-queries.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { SeenAnswers } from '../support/openapi-client.ts'
import { plainProducers } from '../support/plain-producer.ts'
import { parsePrometheusText, type Sample } from '../support/prometheus-text.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { RestWorker } from '../support/rest-worker.ts'
import { waitUntil, type WaitOptions } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const connectProducer = plainProducers()
const connector = 'MirrorSourceConnector'
const patient: WaitOptions = { timeoutMs: 90_000, intervalMs: 200 }
let pair: MirroredPair
let send: (count: number) => Promise<void>

beforeAll(async () => {
  pair = await startPair()
  await pair.sourceAdmin.createTopic('orders')
  const produce = await connectProducer(pair.source)
  send = async (count) => {
    await produce(
      'orders',
      Array.from({ length: count }, (_, index) => ({ value: `order ${index}` }))
    )
  }
  await send(100)
  await pair.sourceAdmin.commitGroupOffset('billing', 'orders', 0, 40n)
}, clusterTimeoutMs)

async function startWorker(gapPolicy: 'continue' | 'fail'): Promise<RestWorker> {
  const mirror = await startMirror(pair.source, pair.target, {
    ...{ topics: 'orders', 'A->B.gap.policy': gapPolicy, 'A->B.metric.names.formats': 'legacy,new' },
    ...{ 'A->B.emit.heartbeats.enabled': 'true', 'emit.checkpoints.interval.seconds': '1' },
    ...{ 'rest.api.listeners': 'http://127.0.0.1:0', 'B.offset.flush.interval.ms': '500' }
  })
  return await RestWorker.of(mirror, { source: 'A', target: 'B', connector, task: '0' }, new SeenAnswers())
}

async function samples(api: RestWorker): Promise<Sample[]> {
  return parsePrometheusText((await api.answers('getMetrics', 200)).body)
}

/** Sum over what has these labels; undefined where nothing has. */
function sumOf(all: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const found = all.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  )
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}

test('a mirror that is level exports whatever the dashboard and the alerts ask for, gaps apart', async () => {
  const api = await startWorker('fail')
  await pair.arrived('A.orders', 100, patient)
  const translated = 'kafka_connect_mirror_mirrortranslation_exact_count'
  const all = await waitUntil(
    'the group is translated and nothing lags',
    async () => {
      const now = await samples(api)
      const isLevel = sumOf(now, 'kafka_connect_mirror_mirrorlag_lag_records', { topic: 'A.orders' }) === 0
      const isTranslated = (sumOf(now, translated, { group: 'billing' }) ?? 0) > 0
      const isAcknowledged = now.some(({ name }) => name === 'kafka_connect_plugins_checkpoint_latency_ms')
      return isLevel && isTranslated && isAcknowledged ? now : undefined
    },
    patient
  )
  expect(sumOf(all, 'kafka_connect_mirror_mirrortranslation_conservative_count', { group: 'billing' })).toBe(0)
  expect(sumOf(all, 'kafka_connect_mirror_mirroroffsetmap_usable', { source: 'A', target: 'B' })).toBe(1)
  expect(sumOf(all, 'kafka_connect_mirror_mirrorsourceconnector_record_count', { topic: 'A.orders' })).toBe(100)
  expect(sumOf(all, 'kafka_connect_plugins_record_count', { connector, topic: 'A.orders', partition: '0' })).toBe(100)
  const labels = new Map<string, ReadonlySet<string>>()
  for (const sample of all) {
    labels.set(sample.name, new Set([...(labels.get(sample.name) ?? []), ...Object.keys(sample.labels)]))
  }
  const eventual = /_(mirrorpartitiongaps|mirrorstoppedpartition)_/
  const asked = askedQueries().filter(({ metrics }) => !metrics.some(({ name }) => eventual.test(name)))
  expect(asked.flatMap((query) => misfits(query, (name) => labels.get(name)))).toEqual([])
  expect(await api.mirror.stop()).toEqual({ code: 0, signal: null })
}, 240_000)

test('a loss fails the task before anything behind it, and for good, until the offset is altered', async () => {
  await send(100)
  await pair.sourceAdmin.deleteRecordsBefore('orders', 0, 150n)
  const api = await startWorker('fail')
  const failed = await waitUntil(
    'the task has failed',
    async () => {
      const { json } = await api.call('getTaskStatus')
      return JSON.stringify(json).includes('"FAILED"') ? JSON.stringify(json) : undefined
    },
    patient
  )
  expect(failed).toMatch(/source records of orders-0 from offset 100 to 149 are gone \(retention\)/)
  const gap = { source: 'A', target: 'B', kind: 'retention' }
  expect(sumOf(await samples(api), 'kafka_connect_mirror_mirrorgaps_gap_record_count', gap)).toBe(50)
  expect(sumOf(await samples(api), 'kafka_connect_mirror_mirrorpartitiongaps_gap_event_count', gap)).toBe(1)
  await api.answers('restartTask', 204)
  await waitUntil(
    'it has failed again',
    async () => (await api.mirror.log()).filter(({ msg }) => msg === 'The task has failed').length >= 2,
    patient
  )
  expect(await pair.targetAdmin.offsetCount('A.orders')).toBe(100)
  await waitUntil('it is stopped', async () => (await api.call('stopConnector')).status === 204, patient)
  await api.runs(connector, 'STOPPED', 0)
  const partition = { cluster: 'A', partition: 0, topic: 'orders' }
  await api.answers('alterConnectorOffsets', 200, { body: { offsets: [{ partition, offset: null }] } })
  await api.answers('resumeConnector', 202)
  await pair.arrived('A.orders', 150, patient)
  await api.runs(connector, 'RUNNING', 1)
  expect(await pair.targetAdmin.offsetCount('A.orders')).toBe(150)
  expect(sumOf(await samples(api), 'kafka_connect_mirror_mirrorgaps_gap_event_count', gap)).toBe(1)
  expect(await api.mirror.stop()).toEqual({ code: 0, signal: null })
}, 240_000)

test('a loss is gone past when the policy says so, and one warning has its offsets', async () => {
  await send(100)
  await pair.sourceAdmin.deleteRecordsBefore('orders', 0, 220n)
  const api = await startWorker('continue')
  await pair.arrived('A.orders', 230, patient)
  const warned = (await api.mirror.log()).filter(({ kind }) => kind !== undefined)
  expect(warned).toMatchObject([
    { level: 40, route: 'A->B', topicPartition: 'orders-0', kind: 'retention', fromOffset: '200', toOffset: '220' }
  ])
}, 240_000)
