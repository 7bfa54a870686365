/** The figures of all runs as one Markdown table: median and range of each program, and how much better ours is. */
import { type ProgramName } from './mirror-programs.ts'
import { summarize } from './statistics.ts'

/** One run of one program on one workload (or steady measure): figures by name. */
export interface MeasuredRun {
  readonly workload: string
  readonly program: ProgramName
  readonly figures: Readonly<Record<string, number>>
}

export interface Section {
  readonly name: string
  readonly meaning: string
  readonly measures: readonly Measure[]
  /** By measure: the factor to reach. */
  readonly goals: Readonly<Record<string, number>>
}

export interface Measure {
  /** Name of the figure. */
  readonly key: string
  readonly title: string
  readonly better: 'more' | 'less' | 'neither'
  /** Our median must not be above this, whatever the other's is. */
  readonly limit?: number
}

export const throughputMeasures: readonly Measure[] = [
  { key: 'recordsPerSecond', title: 'records/s', better: 'more' },
  { key: 'megabytesPerSecond', title: 'MB/s', better: 'more' },
  { key: 'cpuPerMillion', title: 'CPU s per million records', better: 'less' },
  { key: 'cpuPerGigabyte', title: 'CPU s per GB', better: 'less' },
  { key: 'totalCpuPerMillion', title: 'CPU s per million records, start included', better: 'less' },
  { key: 'mirrorCores', title: 'cores used by the mirror', better: 'neither' },
  { key: 'sourceCores', title: 'cores used by the source broker', better: 'neither' },
  { key: 'targetCores', title: 'cores used by the target broker', better: 'neither' },
  { key: 'brokersCpuPerMillion', title: "brokers' CPU s per million records", better: 'less' },
  { key: 'rssMegabytes', title: 'peak RSS, MB', better: 'less', limit: 200 },
  { key: 'firstRecordSeconds', title: 'process start to first record, s', better: 'less' },
  { key: 'totalSeconds', title: 'process start to last record, s', better: 'less' },
  { key: 'duplicates', title: 'records too many', better: 'neither', limit: 0 }
]

export const latencyMeasures: readonly Measure[] = [
  { key: 'p50Ms', title: 'p50, ms', better: 'less' },
  { key: 'p99Ms', title: 'p99, ms', better: 'less' },
  { key: 'longestMs', title: 'longest, ms', better: 'less' },
  { key: 'lost', title: 'records lost', better: 'neither', limit: 0 },
  { key: 'cpuPercent', title: 'CPU, % of a core', better: 'less' }
]

export const idleMeasures: readonly Measure[] = [
  { key: 'cpuPercent', title: 'CPU, % of a core', better: 'less', limit: 0.5 },
  { key: 'rssMegabytes', title: 'peak RSS, MB', better: 'less', limit: 200 }
]

export const startupMeasures: readonly Measure[] = [
  { key: 'firstRecordSeconds', title: 'process start to first record, s', better: 'less', limit: 1.5 },
  { key: 'rssMegabytes', title: 'peak RSS, MB', better: 'less', limit: 200 }
]

export const scaleMeasures: readonly Measure[] = [
  { key: 'firstRunningSeconds', title: 'process start to all tasks running, s', better: 'less', limit: 10 },
  { key: 'firstMirroredSeconds', title: 'process start to a record on each partition, s', better: 'less' },
  { key: 'stopSeconds', title: 'SIGTERM to the end of the process, s', better: 'less' },
  { key: 'runningSeconds', title: 'second start to all tasks running, s', better: 'less', limit: 10 },
  { key: 'runningCpuSeconds', title: 'CPU s of the second start', better: 'less' },
  { key: 'cpuPercent', title: 'CPU when idle, % of a core', better: 'less', limit: 5 },
  { key: 'rssMegabytes', title: 'peak RSS, MB', better: 'less', limit: 300 },
  { key: 'duplicates', title: 'records too many', better: 'neither', limit: 0 }
]

const noneSkipped: Measure = { key: 'skipped', title: 'records skipped', better: 'neither', limit: 0 }

/** Factors say nothing where one of the two is 0. */
const reRead = (key: string, what: string): Measure => {
  return { key, title: `read again beyond need, lag ${what}`, better: 'neither', limit: 0 }
}

export const lagMeasures: readonly Measure[] = [
  reRead('small', '1/2000 (1 k of 2 M)'),
  reRead('middle', '1/20 (100 k)'),
  reRead('large', '1/2 (1 M)'),
  reRead('restarted', '1/4 (500 k) after a restart of the mirror'),
  noneSkipped
]

export const killedMeasures: readonly Measure[] = [
  reRead('killed', '13/20 (1.3 M) after a kill -9 of the mirror'),
  noneSkipped
]

export const mapCostMeasures: readonly Measure[] = [
  { key: 'sentPerSecond', title: 'records/s at the source', better: 'neither' },
  { key: 'mapBytesPerSecond', title: 'offset map: bytes/s', better: 'neither' },
  { key: 'mapRecordsPerSecond', title: 'offset map: records/s', better: 'neither' },
  { key: 'mapBytesPerPartition', title: 'offset map: bytes/s a busy partition', better: 'neither' },
  { key: 'cpuPercent', title: 'CPU of the mirror, % of a core', better: 'neither' }
]

export function markdownTable(sections: readonly Section[], runs: readonly MeasuredRun[]): string {
  const lines = [
    '| Workload | Measure | connect-mirror-maker | Apache MirrorMaker 2 | better by | goal |',
    '| --- | --- | --- | --- | --- | --- |'
  ]
  for (const section of sections) {
    const own = runs.filter((run) => run.workload === section.name)
    if (own.length === 0) continue
    section.measures.forEach((measure, index) => {
      const label = index === 0 ? `**${section.name}** ${section.meaning}` : ''
      lines.push(`| ${label} | ${measure.title} | ${cells(section, measure, own).join(' | ')} |`)
    })
  }
  return lines.join('\n')
}

function cells(section: Section, measure: Measure, runs: readonly MeasuredRun[]): string[] {
  const ours = valuesOf(runs, 'ours', measure.key)
  const theirs = valuesOf(runs, 'mm2', measure.key)
  const isComparable = measure.better !== 'neither' && ours.length > 0 && theirs.length > 0
  const ratio = summarize(ours).median / summarize(theirs).median
  const factor = isComparable ? (measure.better === 'more' ? ratio : 1 / ratio) : undefined
  return [
    spread(ours),
    spread(theirs),
    factor === undefined ? '' : `${digits(factor)}x`,
    goal(section, measure, ours, factor)
  ]
}

function goal(section: Section, measure: Measure, ours: readonly number[], factor: number | undefined): string {
  const wanted = section.goals[measure.key]
  const verdicts: string[] = []
  if (wanted !== undefined && factor !== undefined) verdicts.push(verdict(`${wanted}x`, factor >= wanted))
  if (measure.limit !== undefined && ours.length > 0) {
    verdicts.push(verdict(`<= ${measure.limit}`, summarize(ours).median <= measure.limit))
  }
  return verdicts.join(', ')
}

function verdict(text: string, isReached: boolean): string {
  return isReached ? `${text}: yes` : `${text}: **no**`
}

function valuesOf(runs: readonly MeasuredRun[], program: ProgramName, key: string): number[] {
  return runs.flatMap((run) => (run.program === program ? (run.figures[key] ?? []) : [])).filter(Number.isFinite)
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '-'
  const { median, min, max } = summarize(values)
  return values.length === 1 ? digits(median) : `${digits(median)} (${digits(min)}-${digits(max)})`
}

/** Three figures that count. */
function digits(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
