/** What a mirror costs and delays once it has caught up. */
import { setTimeout as delay } from 'node:timers/promises'
import { runJavaProgram } from '../dev/local-kafka/java-programs.ts'
import { processUsage } from '../dev/local-kafka/process-usage.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { type RunningMirror } from './mirror-programs.ts'
import { type Workload } from './workloads.ts'

export interface LatencyFigures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
  /** Records that had not come ten seconds after the last was sent. */
  readonly lost: number
  /** Of one core, in percent. */
  readonly cpuPercent: number
}

export interface IdleFigures {
  /** Of one core, in percent. */
  readonly cpuPercent: number
  readonly rssMegabytes: number
}

const recordsPerSecond = 500
const warmUpSeconds = 5
/** Start-up work that is still going on when the first records arrive. Some 15 s after it V8 compacts the heap three times. */
const settleMs = 30_000

/** From before a producer sends to after a consumer of the target has polled, at 500 records a second. */
export async function measureLatency(
  clusters: BenchClusters,
  mirror: RunningMirror,
  where: { readonly workload: Workload; readonly remoteTopic: string; readonly seconds: number }
): Promise<LatencyFigures> {
  const { source, target } = clusters
  const { topics, partitionsPerTopic, valueBytes } = where.workload
  const args = [
    source.bootstrapServers,
    topics[0] ?? '',
    target.bootstrapServers,
    where.remoteTopic,
    ...[partitionsPerTopic, valueBytes, recordsPerSecond, warmUpSeconds, where.seconds].map(String)
  ]
  const before = await processUsage(mirror.pid)
  const { stdout } = await runJavaProgram(source.jars, 'ProbeLatency', args)
  const after = await processUsage(mirror.pid)
  const [sent = 0, received = 0, p50 = 0, p99 = 0, longest = 0] = stdout.trim().split(' ').map(Number)
  return {
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    longestMs: longest / 1000,
    lost: sent - received,
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / (where.seconds + warmUpSeconds)) * 100
  }
}

export async function measureIdle(mirror: RunningMirror, seconds: number): Promise<IdleFigures> {
  await delay(settleMs)
  const before = await processUsage(mirror.pid)
  await delay(seconds * 1000)
  const after = await processUsage(mirror.pid)
  return {
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
    rssMegabytes: after.peakRssBytes / 1e6
  }
}
