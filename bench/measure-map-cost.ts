/** What the offset map costs while partitions are busy: bytes that the mirror writes to its topic, as they lie on the target's disk. */
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnJavaProgram } from '../dev/local-kafka/java-programs.ts'
import { type LocalCluster } from '../dev/local-kafka/local-cluster.ts'
import { processUsage } from '../dev/local-kafka/process-usage.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { type RunningMirror } from './mirror-programs.ts'
import { TargetLog } from './target-log.ts'
import { type Workload } from './workloads.ts'

export interface MapCostRun {
  readonly clusters: BenchClusters
  readonly workload: Workload
  readonly sourceAlias: string
  readonly remoteTopics: readonly string[]
  readonly recordsPerSecond: number
  /** 0 for none. */
  readonly recordsPerTransaction: number
  readonly seconds: number
  readonly start: () => Promise<RunningMirror>
}

export interface MapCostFigures {
  readonly sentPerSecond: number
  readonly mapBytesPerSecond: number
  readonly mapRecordsPerSecond: number
  readonly mapBytesPerPartition: number
  /** Of one core, in percent. */
  readonly cpuPercent: number
}

const longestStartMs = 600_000
const warmUpMs = 10_000

interface Look {
  readonly bytes: number
  readonly records: number
  readonly mirrored: number
  readonly cpuSeconds: number
  readonly atMs: number
}

export async function measureMapCost(run: MapCostRun): Promise<MapCostFigures> {
  const { clusters, workload, remoteTopics } = run
  const log = await TargetLog.connect(clusters.target, remoteTopics, workload.partitionsPerTopic)
  const map = await TargetLog.connect(clusters.target, [mapTopic(run)], 1)
  const mirror = await run.start()
  try {
    await untilMirrored(log, mirror, workload.records)
    const stopLoad = await startLoad(run)
    await delay(warmUpMs)
    const before = await look(run, mirror, { log, map })
    await delay(run.seconds * 1000)
    const after = await look(run, mirror, { log, map })
    await stopLoad()
    return figures(before, after, workload.records)
  } catch (thrown) {
    throw new Error(`${String(thrown)}; the end of its log:\n${mirror.logTail()}`, { cause: thrown })
  } finally {
    log.close()
    map.close()
    await mirror.stop()
  }
}

function figures(before: Look, after: Look, partitions: number): MapCostFigures {
  const seconds = (after.atMs - before.atMs) / 1000
  const perSecond = (of: (look: Look) => number): number => (of(after) - of(before)) / seconds
  const mapBytesPerSecond = perSecond(({ bytes }) => bytes)
  return {
    sentPerSecond: perSecond(({ mirrored }) => mirrored),
    mapBytesPerSecond,
    mapRecordsPerSecond: perSecond(({ records }) => records),
    mapBytesPerPartition: mapBytesPerSecond / partitions,
    cpuPercent: perSecond(({ cpuSeconds }) => cpuSeconds) * 100
  }
}

async function look(
  run: MapCostRun,
  mirror: RunningMirror,
  { log, map }: { readonly log: TargetLog; readonly map: TargetLog }
): Promise<Look> {
  const [bytes, records, mirrored, { cpuSeconds }] = await Promise.all([
    bytesOnDisk(run.clusters.target, mapTopic(run)),
    map.records(),
    log.records(),
    processUsage(mirror.pid)
  ])
  return { bytes, records, mirrored, cpuSeconds, atMs: performance.now() }
}

/** The active segment is never compacted, and segments are larger than what a run writes. */
async function bytesOnDisk(cluster: LocalCluster, topic: string): Promise<number> {
  const dir = join(cluster.dir, 'node-1', 'data', `${topic}-0`)
  const segments = (await readdir(dir)).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(segments.map(async (name) => (await stat(join(dir, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

function mapTopic({ sourceAlias }: MapCostRun): string {
  return `mm2-offset-map.${sourceAlias}.internal`
}

/** @returns what ends it */
async function startLoad(run: MapCostRun): Promise<() => Promise<void>> {
  const { source } = run.clusters
  const { topics, partitionsPerTopic } = run.workload
  const numbers = [partitionsPerTopic, run.recordsPerSecond, run.recordsPerTransaction].map(String)
  const child = await spawnJavaProgram(source.jars, 'BusyPartitions', [
    source.bootstrapServers,
    topics.join(','),
    ...numbers
  ])
  const complaints = child.stderr === null ? Promise.resolve('') : text(child.stderr)
  child.stdout?.resume()
  const exited = once(child, 'exit')
  return async () => {
    child.stdin?.end()
    await exited
    if (child.exitCode !== 0) throw new Error(`the load ended badly: ${await complaints}`)
  }
}

async function untilMirrored(log: TargetLog, mirror: RunningMirror, records: number): Promise<void> {
  const deadlineMs = performance.now() + longestStartMs
  while ((await log.records()) < records) {
    if (!mirror.running) throw new Error('the program ended')
    if (performance.now() > deadlineMs) throw new Error('the first records were not mirrored in ten minutes')
    await delay(100)
  }
}
