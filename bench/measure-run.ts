/** One run: a program mirrors the whole of a workload into a fresh target, watched from outside. */
import { setTimeout as delay } from 'node:timers/promises'
import { processUsage } from '../dev/local-kafka/process-usage.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { type RunningMirror } from './mirror-programs.ts'
import { TargetLog } from './target-log.ts'
import { type Workload } from './workloads.ts'

/**
 * Rates, CPU and cores count from the first record seen on the target to the last, CPU per million and gigabyte of the
 * records that came in between. A gigabyte is 10^9 bytes of values, before compression.
 */
export interface RunFigures {
  readonly recordsPerSecond: number
  readonly megabytesPerSecond: number
  readonly cpuPerMillion: number
  readonly cpuPerGigabyte: number
  /** CPU since the process started over all records. */
  readonly totalCpuPerMillion: number
  readonly mirrorCores: number
  readonly sourceCores: number
  readonly targetCores: number
  readonly brokersCpuPerMillion: number
  /** The highest resident set. */
  readonly rssMegabytes: number
  /** From the start of the process. */
  readonly firstRecordSeconds: number
  readonly totalSeconds: number
  /** Records on the target beyond those of the source, after a moment's wait. */
  readonly duplicates: number
}

export interface Watched {
  readonly clusters: BenchClusters
  readonly mirror: RunningMirror
  /** performance.now() when the process was started. */
  readonly startedMs: number
  /** How the workload's topics are called on the target. */
  readonly remoteTopics: readonly string[]
}

interface Snapshot {
  readonly atMs: number
  readonly records: number
  readonly mirrorCpu: number
  readonly sourceCpu: number
  readonly targetCpu: number
}

const longestStandstillMs = 240_000
/** A record that came twice may come late. */
const settleMs = 500

/** @throws Error where the program ends, or brings nothing for four minutes */
export async function measureRun(workload: Workload, watched: Watched): Promise<RunFigures> {
  const { clusters, mirror, remoteTopics } = watched
  const log = await TargetLog.connect(clusters.target, remoteTopics, workload.partitionsPerTopic)
  try {
    const first = await snapshotWhen(log, workload, watched, 1)
    const last =
      first.records >= workload.records ? first : await snapshotWhen(log, workload, watched, workload.records)
    await delay(settleMs)
    const duplicates = (await log.records()) - workload.records
    const { peakRssBytes } = await processUsage(mirror.pid)
    return figures(workload, watched.startedMs, [first, last], { peakRssBytes, duplicates })
  } finally {
    log.close()
  }
}

async function snapshotWhen(log: TargetLog, workload: Workload, watched: Watched, wanted: number): Promise<Snapshot> {
  let seen = -1
  let changedMs = performance.now()
  for (;;) {
    const records = await log.records()
    const nowMs = performance.now()
    if (records >= wanted) return await snapshot(watched, nowMs, records)
    if (records !== seen) changedMs = nowMs
    seen = records
    const where = `with ${seen} of ${workload.records} records mirrored`
    if (!watched.mirror.running) throw new Error(`the program ended ${where}`)
    if (nowMs - changedMs > longestStandstillMs) throw new Error(`the program stood still ${where}`)
    await delay(workload.pollMs)
  }
}

async function snapshot({ mirror, clusters }: Watched, atMs: number, records: number): Promise<Snapshot> {
  const pids = [mirror.pid, clusters.source.broker(1).pid, clusters.target.broker(1).pid]
  const [own, source, target] = await Promise.all(pids.map(processUsage))
  return {
    atMs,
    records,
    mirrorCpu: own?.cpuSeconds ?? Number.NaN,
    sourceCpu: source?.cpuSeconds ?? Number.NaN,
    targetCpu: target?.cpuSeconds ?? Number.NaN
  }
}

function figures(
  workload: Workload,
  startedMs: number,
  [first, last]: readonly [Snapshot, Snapshot],
  end: { readonly peakRssBytes: number; readonly duplicates: number }
): RunFigures {
  const seconds = (last.atMs - first.atMs) / 1000
  const records = last.records - first.records
  const millions = records / 1e6
  const gigabytes = (records * workload.valueBytes) / 1e9
  const mirrorCpu = last.mirrorCpu - first.mirrorCpu
  const sourceCpu = last.sourceCpu - first.sourceCpu
  const targetCpu = last.targetCpu - first.targetCpu
  return {
    recordsPerSecond: records / seconds,
    megabytesPerSecond: (gigabytes * 1000) / seconds,
    cpuPerMillion: mirrorCpu / millions,
    cpuPerGigabyte: mirrorCpu / gigabytes,
    totalCpuPerMillion: last.mirrorCpu / (last.records / 1e6),
    mirrorCores: mirrorCpu / seconds,
    sourceCores: sourceCpu / seconds,
    targetCores: targetCpu / seconds,
    brokersCpuPerMillion: (sourceCpu + targetCpu) / millions,
    rssMegabytes: end.peakRssBytes / 1e6,
    firstRecordSeconds: (first.atMs - startedMs) / 1000,
    totalSeconds: (last.atMs - startedMs) / 1000,
    duplicates: end.duplicates
  }
}
