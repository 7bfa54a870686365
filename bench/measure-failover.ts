/** What consumer groups that fail over read again of what they had read: the price of an inexact translation. */
import { setTimeout as delay } from 'node:timers/promises'
import { commitPositions } from '../dev/group-positions.ts'
import { newestCheckpoints } from '../dev/newest-checkpoints.ts'
import { judgeTranslation } from '../dev/translation-judge.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { type RunningMirror } from './mirror-programs.ts'
import { readNumbers } from './numbered-log.ts'
import { TargetLog } from './target-log.ts'
import { type Workload } from './workloads.ts'

export interface FailoverRun {
  readonly clusters: BenchClusters
  readonly workload: Workload
  readonly sourceAlias: string
  readonly remoteTopics: readonly string[]
  /** Starts the program, again with the same file after an end. */
  readonly start: () => Promise<RunningMirror>
}

/** How far groups lag, in shares of all records. */
const lags = { small: 1 / 2000, middle: 1 / 20, large: 1 / 2, restarted: 1 / 4, killed: 13 / 20 } as const

type LagName = keyof typeof lags

/** Records read again by group, and records skipped by all of them. */
export type FailoverFigures = Readonly<Record<string, number>>

/** Neither program is to be judged by a checkpoint that it has not written yet. */
export const failoverProperties = { 'emit.checkpoints.interval.seconds': '1' }

/** A group without a checkpoint by then has none to go on from: it starts at the start. */
const longestWaitMs = 60_000
const settleMs = 5_000
const longestMirroringMs = 600_000

/** Three groups that lag while everything is mirrored, and one whose first position comes while the mirror is stopped once. */
export async function measureLags(run: FailoverRun): Promise<FailoverFigures> {
  const failover = new Failover(run)
  const names = ['small', 'middle', 'large'] as const
  for (const name of names) await failover.leaveGroup(name)
  const first = await run.start()
  const lagging = await failover.guarded(first, async () => {
    await failover.mirrored(first)
    return await failover.judge(names)
  })
  await failover.leaveGroup('restarted')
  const second = await run.start()
  const restarted = await failover.guarded(second, async () => await failover.judge(['restarted']))
  return { ...lagging, ...restarted, skipped: Number(lagging['skipped']) + Number(restarted['skipped']) }
}

/** A group that lags behind most of what is mirrored, by a program that was killed at half of it and started again. */
export async function measureKilled(run: FailoverRun): Promise<FailoverFigures> {
  const failover = new Failover(run)
  await failover.leaveGroup('killed')
  const first = await run.start()
  await failover.reaches(first, run.workload.records / 2)
  await first.kill()
  const second = await run.start()
  return await failover.guarded(second, async () => {
    await failover.mirrored(second)
    return await failover.judge(['killed'])
  })
}

class Failover {
  readonly #run: FailoverRun

  constructor(run: FailoverRun) {
    this.#run = run
  }

  /** At the source, so far behind its end. */
  async leaveGroup(name: LagName): Promise<void> {
    const { clusters, workload } = this.#run
    const position = { topic: workload.topics[0] ?? '', partition: 0, offset: this.#positionOf(name) }
    await commitPositions(clusters.source, this.#groupOf(name), [position])
  }

  async reaches(mirror: RunningMirror, records: number): Promise<void> {
    await this.#watch(mirror, (seen) => seen >= records, this.#run.workload.pollMs)
  }

  /** Until all records have come and nothing more comes: after a crash their number does not say so. */
  async mirrored(mirror: RunningMirror): Promise<void> {
    let before = -1
    await this.#watch(
      mirror,
      (seen) => {
        const isQuiet = seen === before
        before = seen
        return isQuiet && seen >= this.#run.workload.records
      },
      settleMs
    )
  }

  async judge(names: readonly LagName[]): Promise<FailoverFigures> {
    const { clusters, workload } = this.#run
    const positions = await this.#positionsAtTarget(names)
    const source = Array.from({ length: workload.records }, (_, identity) => ({ offset: BigInt(identity), identity }))
    const target = await readNumbers(clusters.target, this.#remoteTopic)
    const figures: Record<string, number> = {}
    for (const name of names) {
      const downstreamOffset = positions.get(this.#groupOf(name)) ?? 0n
      const { skipped, reRead } = judgeTranslation(source, target, {
        upstreamOffset: this.#positionOf(name),
        downstreamOffset
      })
      figures[name] = reRead
      figures['skipped'] = (figures['skipped'] ?? 0) + skipped
    }
    return figures
  }

  async guarded<T>(mirror: RunningMirror, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      throw new Error(`${String(thrown)}; the end of its log:\n${mirror.logTail()}`, { cause: thrown })
    } finally {
      await mirror.stop()
    }
  }

  get #remoteTopic(): string {
    return this.#run.remoteTopics[0] ?? ''
  }

  #groupOf(name: LagName): string {
    return `${this.#run.sourceAlias}-${name}`
  }

  #positionOf(name: LagName): bigint {
    const { records } = this.#run.workload
    return BigInt(records - Math.round(records * lags[name]))
  }

  /** The newest checkpoint of each group, a while after all have one; or of those that have one when patience ends. */
  async #positionsAtTarget(names: readonly LagName[]): Promise<Map<string, bigint>> {
    const groups = names.map((name) => this.#groupOf(name))
    const deadlineMs = performance.now() + longestWaitMs
    while (performance.now() < deadlineMs) {
      const found = await this.#checkpoints()
      if (groups.every((group) => found.has(group))) break
      await delay(500)
    }
    await delay(settleMs)
    return await this.#checkpoints()
  }

  async #checkpoints(): Promise<Map<string, bigint>> {
    const { clusters, sourceAlias } = this.#run
    const checkpoints = await newestCheckpoints(clusters.target, sourceAlias).catch(() => [])
    return new Map(checkpoints.map(({ consumerGroupId, downstreamOffset }) => [consumerGroupId, downstreamOffset]))
  }

  async #watch(mirror: RunningMirror, isReached: (records: number) => boolean, lookMs: number): Promise<void> {
    const log = await TargetLog.connect(this.#run.clusters.target, [this.#remoteTopic], 1)
    try {
      const deadlineMs = performance.now() + longestMirroringMs
      for (let seen = -1; ;) {
        seen = await log.records()
        if (isReached(seen)) return
        if (!mirror.running) throw new Error(`the program ended with ${seen} records mirrored`)
        if (performance.now() > deadlineMs) throw new Error(`${seen} records were mirrored in ten minutes`)
        await delay(lookMs)
      }
    } finally {
      log.close()
    }
  }
}
