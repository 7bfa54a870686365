/**
 * Mirrors the same data on the same machine alternately with this program and with Apache MirrorMaker 2, and prints what
 * each needed. See README.md beside this file for what is measured and how.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BenchArguments, parseBenchArguments, usage } from './arguments.ts'
import { type BenchClusters, destroyClusters, removeTopics, startClusters } from './bench-clusters.ts'
import { loadData } from './load-data.ts'
import { measureRun, type Watched } from './measure-run.ts'
import { measureIdle, measureLatency } from './measure-steady.ts'
import { type ProgramName, type RunningMirror, startMirror } from './mirror-programs.ts'
import { buildProgram } from './built-program.ts'
import { circumstances, writeResults } from './results-file.ts'
import {
  idleMeasures,
  latencyMeasures,
  markdownTable,
  type MeasuredRun,
  type Section,
  startupMeasures,
  throughputMeasures
} from './table.ts'
import { smallTopic, type Workload, workloads } from './workloads.ts'

interface Bench {
  readonly args: BenchArguments
  readonly clusters: BenchClusters
  readonly logDir: string
  readonly keep: ReadonlySet<string>
  readonly runs: MeasuredRun[]
  failures: number
  started: number
}

interface Job {
  readonly section: Section
  readonly workload: Workload
  readonly measure: (watched: Watched) => Promise<Readonly<Record<string, number>>>
}

const run = promisify(execFile)

/** Everything that can be measured, in the order of the table. */
function jobs(args: BenchArguments): Job[] {
  const seconds = args.isQuick ? 5 : 30
  const throughput = workloads(args.share).map((workload) => ({
    workload,
    section: { ...workload, measures: throughputMeasures },
    measure: async (watched: Watched) => ({ ...(await measureRun(workload, watched)) })
  }))
  const small = { workload: smallTopic, goals: smallTopic.goals }
  const steady: Job[] = [
    {
      ...small,
      section: { name: 'LATENCY', meaning: '500 records/s of 1 KB', measures: latencyMeasures, goals: { p99Ms: 1 } },
      measure: async (watched) => {
        await measureRun(smallTopic, watched)
        const where = { workload: smallTopic, remoteTopic: watched.remoteTopics[0] ?? '', seconds }
        return { ...(await measureLatency(watched.clusters, watched.mirror, where)) }
      }
    },
    {
      ...small,
      section: { name: 'IDLE', meaning: 'nothing to mirror', measures: idleMeasures, goals: {} },
      measure: async (watched) => {
        await measureRun(smallTopic, watched)
        return { ...(await measureIdle(watched.mirror, seconds)) }
      }
    },
    {
      ...small,
      section: { name: 'STARTUP', meaning: smallTopic.meaning, measures: startupMeasures, goals: {} },
      measure: async (watched) => ({ ...(await measureRun(smallTopic, watched)) })
    }
  ]
  return [...throughput, ...steady].filter(({ section }) => args.only.size === 0 || args.only.has(section.name))
}

async function main(): Promise<void> {
  const args = argumentsOrUsage()
  if (args === undefined) return
  if (args.builds && args.programs.includes('ours')) {
    say('Building')
    await buildProgram()
  }
  const chosen = jobs(args)
  const logDir = await mkdtemp(join(tmpdir(), 'connect-mirror-maker-bench-'))
  say(`Starting two clusters; logs of the runs are in ${logDir}`)
  const clusters = await startClusters()
  const loaded = new Set(chosen.map(({ workload }) => workload))
  const keep = new Set([...loaded].flatMap(({ topics }) => topics))
  const bench: Bench = { args, clusters, logDir, keep, runs: [], failures: 0, started: 0 }
  try {
    await prepare(bench, loaded)
    for (const job of chosen) await runJob(bench, job)
    await report(bench, chosen)
  } finally {
    await destroyClusters(clusters)
    if (!args.keepsLogs && bench.failures === 0) await rm(logDir, { recursive: true, force: true })
  }
  if (bench.failures > 0) process.exitCode = 1
}

function argumentsOrUsage(): BenchArguments | undefined {
  try {
    return parseBenchArguments(process.argv.slice(2))
  } catch (thrown) {
    console.error(`${String(thrown)}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

/** Loads all data once. The target takes some too, and loses it: a broker's first minute is not its speed. */
async function prepare({ clusters }: Bench, loaded: ReadonlySet<Workload>): Promise<void> {
  for (const workload of loaded) {
    const startMs = performance.now()
    await loadData(clusters.source, workload)
    say(`Loaded ${workload.name}: ${workload.records} records in ${seconds(startMs)} s`)
    await loadData(clusters.target, { ...workload, records: Math.min(workload.records, 300_000) })
  }
  await removeTopics(clusters.target, new Set())
}

async function runJob(bench: Bench, job: Job): Promise<void> {
  for (let round = 1; round <= bench.args.runs; round++) {
    for (const program of bench.args.programs) {
      const startMs = performance.now()
      try {
        const figures = await runOnce(bench, job, program)
        bench.runs.push({ workload: job.section.name, program, figures })
        say(`${job.section.name} ${program} ${round}: ${compact(figures)} [${seconds(startMs)} s]`)
      } catch (thrown) {
        bench.failures++
        say(`${job.section.name} ${program} ${round} FAILED: ${String(thrown)}`)
      }
    }
  }
}

/** Aliases are new for each run: so are topics, positions and group of the mirror, and nothing is continued. */
async function runOnce(bench: Bench, job: Job, program: ProgramName): Promise<Readonly<Record<string, number>>> {
  const { args, clusters, logDir } = bench
  bench.started++
  const sourceAlias = `s${bench.started}`
  // Pages that are still being written would slow down whoever runs next.
  await run('sync')
  const mirror = await startMirror(program, {
    clusters,
    propertiesFile: join(logDir, `${bench.started}-${job.section.name}-${program}.properties`),
    sourceAlias,
    targetAlias: `t${bench.started}`,
    topics: job.workload.topics,
    tasksMax: args.tasksMax,
    nodeFlags: args.nodeFlags
  })
  const startedMs = performance.now()
  try {
    const remoteTopics = job.workload.topics.map((topic) => `${sourceAlias}.${topic}`)
    return await job.measure({ clusters, mirror, startedMs, remoteTopics })
  } catch (thrown) {
    throw new Error(`${String(thrown)}; the end of its log:\n${mirror.logTail()}`, { cause: thrown })
  } finally {
    await cleanUp(bench, job, mirror)
  }
}

async function cleanUp({ clusters, keep }: Bench, { workload }: Job, mirror: RunningMirror): Promise<void> {
  await mirror.stop()
  // The latency probe adds to the small topic: the next run must find what this one found.
  const stays = new Set(workload === smallTopic ? [...keep].filter((topic) => !workload.topics.includes(topic)) : keep)
  await Promise.all([removeTopics(clusters.source, stays), removeTopics(clusters.target, new Set())])
  if (workload === smallTopic) await loadData(clusters.source, smallTopic)
}

async function report({ args, clusters, runs }: Bench, chosen: readonly Job[]): Promise<void> {
  const sections = chosen.map(({ section }) => section)
  const table = markdownTable(sections, runs)
  const settings = `Median (range) of ${args.runs} runs, tasks.max = ${args.tasksMax}${args.share === 1 ? '' : `, ${args.share} of the data`}.`
  const results = `${await circumstances(clusters.source.version)} ${settings}\n\n${table}`
  console.log(results)
  if (args.writesReadme) await writeResults(results)
}

function compact(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(', ')
}

function seconds(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(1)
}

/** Progress is not part of the result. */
function say(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

await main()
