/** What many partitions and tasks cost: from start to all tasks running, at rest, and at the stop. */
import { setTimeout as delay } from 'node:timers/promises'
import { processUsage } from '../dev/local-kafka/process-usage.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { measureIdle } from './measure-steady.ts'
import { type RunningMirror } from './mirror-programs.ts'
import { TargetLog } from './target-log.ts'
import { TaskStatuses } from './task-statuses.ts'
import { scaleTasks, type Workload } from './workloads.ts'

export interface ScaleFigures {
  /** From the start of the process until each task has said RUNNING; nothing is stored yet but the remote topics exist. */
  readonly firstRunningSeconds: number
  /** Until each partition's record is on the target. */
  readonly firstMirroredSeconds: number
  readonly stopSeconds: number
  /** The same of a second start, which finds configs and positions of the first. */
  readonly runningSeconds: number
  /** CPU seconds of the process by then. */
  readonly runningCpuSeconds: number
  /** Of one core, in percent. */
  readonly cpuPercent: number
  /** The higher one of the two processes. */
  readonly rssMegabytes: number
  readonly duplicates: number
}

export interface ScaleRun {
  readonly clusters: BenchClusters
  readonly workload: Workload
  readonly sourceAlias: string
  readonly remoteTopics: readonly string[]
  readonly idleSeconds: number
  readonly start: () => Promise<RunningMirror>
}

const longestWaitMs = 600_000
const lookMs = 50

/** Starts the program twice, and stops it. @throws Error where it ends, or needs ten minutes for anything */
export async function measureScale(run: ScaleRun): Promise<ScaleFigures> {
  const log = await TargetLog.connect(run.clusters.target, run.remoteTopics, run.workload.partitionsPerTopic)
  try {
    const first = await started(run)
    let firstRss = 0
    const firstMirroredSeconds = await guarded(first.mirror, async () => {
      await until(first.mirror, 'records mirrored', run.workload.records, async () => await log.records())
      firstRss = (await processUsage(first.mirror.pid)).peakRssBytes / 1e6
      return secondsSince(first.startedMs)
    })
    const stoppedMs = performance.now()
    await first.mirror.stop()
    const stopSeconds = secondsSince(stoppedMs)
    const second = await started(run)
    return await guarded(second.mirror, async () => {
      const idle = await measureIdle(second.mirror, run.idleSeconds)
      const duplicates = (await log.records()) - run.workload.records
      await second.mirror.stop()
      return {
        firstRunningSeconds: first.runningSeconds,
        firstMirroredSeconds,
        stopSeconds,
        runningSeconds: second.runningSeconds,
        runningCpuSeconds: second.cpuSeconds,
        cpuPercent: idle.cpuPercent,
        rssMegabytes: Math.max(firstRss, idle.rssMegabytes),
        duplicates
      }
    })
  } finally {
    log.close()
  }
}

interface Started {
  readonly mirror: RunningMirror
  readonly startedMs: number
  readonly runningSeconds: number
  readonly cpuSeconds: number
}

async function started(run: ScaleRun): Promise<Started> {
  const statuses = new TaskStatuses(run.clusters.target, run.sourceAlias, Date.now())
  try {
    const startedMs = performance.now()
    const mirror = await run.start()
    return await guarded(mirror, async () => {
      await until(mirror, 'tasks running', scaleTasks, async () => await statuses.running())
      const runningSeconds = secondsSince(startedMs)
      const { cpuSeconds } = await processUsage(mirror.pid)
      return { mirror, startedMs, runningSeconds, cpuSeconds }
    })
  } finally {
    await statuses.close()
  }
}

/** Ends the program when what is done with it fails, and says what it has logged. */
async function guarded<T>(mirror: RunningMirror, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    await mirror.stop()
    throw new Error(`${String(thrown)}; the end of its log:\n${mirror.logTail()}`, { cause: thrown })
  }
}

async function until(mirror: RunningMirror, what: string, wanted: number, look: () => Promise<number>): Promise<void> {
  const deadlineMs = performance.now() + longestWaitMs
  for (;;) {
    const seen = await look()
    if (seen >= wanted) return
    const where = `with ${seen} of ${wanted} ${what}`
    if (!mirror.running) throw new Error(`the program ended ${where}`)
    if (performance.now() > deadlineMs) throw new Error(`the program stood still ${where}`)
    await delay(lookMs)
  }
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000
}
