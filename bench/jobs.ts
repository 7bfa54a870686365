/** Everything that can be measured, in the order of the table. */
import { type BenchArguments } from './arguments.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { loadData } from './load-data.ts'
import { measureMapCost } from './measure-map-cost.ts'
import { measureRun, type Watched } from './measure-run.ts'
import { measureScale } from './measure-scale.ts'
import { measureIdle, measureLatency } from './measure-steady.ts'
import { failoverProperties, measureKilled, measureLags } from './measure-failover.ts'
import { type ProgramName, type RunningMirror } from './mirror-programs.ts'
import {
  idleMeasures,
  killedMeasures,
  lagMeasures,
  mapCostMeasures,
  latencyMeasures,
  scaleMeasures,
  type Section,
  startupMeasures,
  throughputMeasures
} from './table.ts'
import {
  busyPartitions,
  manyPartitions,
  numberedRecords,
  scaleTasks,
  smallTopic,
  type Workload,
  workloads
} from './workloads.ts'

export type Figures = Readonly<Record<string, number>>

/** One program's turn at one job. */
export interface Attempt {
  readonly clusters: BenchClusters
  readonly sourceAlias: string
  /** How the workload's topics are called on the target. */
  readonly remoteTopics: readonly string[]
  /** Starts the program; a second time after a stop, with the same file. */
  readonly start: () => Promise<RunningMirror>
}

export interface Job {
  readonly section: Section
  /** What `--only` calls it. */
  readonly option: string
  readonly workload: Workload
  /** Default: that of the bench. */
  readonly tasksMax?: number
  /** Whether the data is only there for this job: so many topics would show in the figures of others. */
  readonly hasOwnData?: true
  /** Further settings of the target's broker, for which the job gets a target of its own. */
  readonly targetSettings?: Readonly<Record<string, string>>
  /** Further settings of both programs. */
  readonly properties?: Readonly<Record<string, string>>
  /** Default: all that are chosen. */
  readonly programs?: readonly ProgramName[]
  readonly measure: (attempt: Attempt) => Promise<Figures>
}

type SectionParts = Pick<Section, 'meaning' | 'measures'> & Partial<Pick<Section, 'goals'>>

export function jobs(args: BenchArguments): Job[] {
  const all = [
    ...throughputJobs(args),
    ...steadyJobs(args),
    scaleJob(args),
    ...failoverJobs(args),
    ...mapCostJobs(args)
  ]
  return all.filter(({ option }) => args.only.size === 0 || args.only.has(option))
}

function throughputJobs({ share }: BenchArguments): Job[] {
  return workloads(share).map((workload) => ({
    workload,
    option: workload.name,
    section: { ...workload, measures: throughputMeasures },
    measure: mirrored(async (watched) => ({ ...(await measureRun(workload, watched)) }))
  }))
}

function steadyJobs({ isQuick }: BenchArguments): Job[] {
  const seconds = isQuick ? 5 : 30
  const small = (
    name: string,
    { goals = {}, ...parts }: SectionParts
  ): Pick<Job, 'section' | 'option' | 'workload'> => ({
    workload: smallTopic,
    option: name,
    section: { name, goals, ...parts }
  })
  const startup = mirrored(async (watched) => ({ ...(await measureRun(smallTopic, watched)) }))
  return [
    {
      ...small('LATENCY', { meaning: '500 records/s of 1 KB', measures: latencyMeasures, goals: { p99Ms: 1 } }),
      measure: mirrored(async (watched) => {
        await measureRun(smallTopic, watched)
        const where = { workload: smallTopic, remoteTopic: watched.remoteTopics[0] ?? '', seconds }
        return { ...(await measureLatency(watched.clusters, watched.mirror, where)) }
      })
    },
    {
      ...small('IDLE', { meaning: 'nothing to mirror', measures: idleMeasures }),
      measure: mirrored(async (watched) => {
        await measureRun(smallTopic, watched)
        return { ...(await measureIdle(watched.mirror, seconds)) }
      })
    },
    {
      ...small('STARTUP', {
        meaning: `${smallTopic.meaning}, brokers let groups start at once`,
        measures: startupMeasures
      }),
      measure: startup
    },
    {
      workload: smallTopic,
      option: 'STARTUP',
      section: {
        name: 'STARTUP-3000',
        meaning: 'the same where brokers wait 3 s for further members of a new group, as they ship',
        measures: startupMeasures.map(({ key, title, better }) => ({ key, title, better })),
        goals: {}
      },
      targetSettings: { 'group.initial.rebalance.delay.ms': '3000' },
      measure: startup
    }
  ]
}

function scaleJob({ share, isQuick }: BenchArguments): Job {
  const workload = manyPartitions(share)
  return {
    workload,
    option: 'SCALE',
    section: { name: 'SCALE', meaning: workload.meaning, measures: scaleMeasures, goals: {} },
    tasksMax: scaleTasks,
    hasOwnData: true,
    measure: async (attempt) => {
      // MirrorMaker 2 asks for all topics in one request, and controllers refuse one for 10,000 partitions.
      await loadData(attempt.clusters.target, { ...workload, topics: attempt.remoteTopics, records: 0 })
      return { ...(await measureScale({ ...attempt, workload, idleSeconds: isQuick ? 5 : 60 })) }
    }
  }
}

function failoverJobs({ share }: BenchArguments): Job[] {
  const workload = numberedRecords(share)
  const meaning = `groups that lag behind ${workload.records.toLocaleString('en-US')} records`
  const common = { workload, option: 'FAILOVER', properties: failoverProperties }
  return [
    {
      ...common,
      section: { name: 'FAILOVER', meaning, measures: lagMeasures, goals: {} },
      measure: async (attempt) => await measureLags({ ...attempt, workload })
    },
    {
      ...common,
      section: {
        name: 'FAILOVER-KILLED',
        meaning: `${meaning}, the mirror killed once`,
        measures: killedMeasures,
        goals: {}
      },
      measure: async (attempt) => await measureKilled({ ...attempt, workload })
    }
  ]
}

interface Busy {
  readonly name: string
  readonly topics: number
  readonly partitionsPerTopic: number
  readonly recordsPerSecond: number
  readonly recordsPerTransaction: number
}

const plainly = { recordsPerTransaction: 0 } as const

const busyTables: readonly Busy[] = [
  { name: 'MAPCOST-1', topics: 1, partitionsPerTopic: 1, recordsPerSecond: 1_000, ...plainly },
  { name: 'MAPCOST-100', topics: 2, partitionsPerTopic: 50, recordsPerSecond: 1_000, ...plainly },
  { name: 'MAPCOST-10000', topics: 200, partitionsPerTopic: 50, recordsPerSecond: 10_000, ...plainly },
  { name: 'MAPCOST-TX', topics: 1, partitionsPerTopic: 1, recordsPerSecond: 1_000, recordsPerTransaction: 10 }
]

function mapCostJobs({ isQuick }: BenchArguments): Job[] {
  return busyTables.map((busy) => {
    const { name, topics, partitionsPerTopic, recordsPerTransaction } = busy
    const workload = busyPartitions(topics, partitionsPerTopic)
    const markers = recordsPerTransaction === 0 ? '' : `, a marker every ${recordsPerTransaction} records`
    return {
      workload,
      option: 'MAPCOST',
      section: { name, meaning: `${workload.meaning}${markers}`, measures: mapCostMeasures, goals: {} },
      programs: ['ours'],
      hasOwnData: true,
      measure: async (attempt) => {
        // Else the target makes partitions for minutes while the load flows.
        await loadData(attempt.clusters.target, { ...workload, topics: attempt.remoteTopics, records: 0 })
        return { ...(await measureMapCost({ ...attempt, ...busy, workload, seconds: isQuick ? 5 : 30 })) }
      }
    }
  })
}

/** Starts the program, has it measured, and stops it. */
function mirrored(measure: (watched: Watched) => Promise<Figures>): Job['measure'] {
  return async ({ start, clusters, remoteTopics }) => {
    const mirror = await start()
    const startedMs = performance.now()
    try {
      return await measure({ clusters, mirror, startedMs, remoteTopics })
    } catch (thrown) {
      throw new Error(`${String(thrown)}; the end of its log:\n${mirror.logTail()}`, { cause: thrown })
    } finally {
      await mirror.stop()
    }
  }
}
