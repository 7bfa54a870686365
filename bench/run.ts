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
import { type BenchClusters, destroyClusters, removeTopics, startCluster, startClusters } from './bench-clusters.ts'
import { type Figures, type Job, jobs } from './jobs.ts'
import { loadData } from './load-data.ts'
import { type ProgramName, startMirror } from './mirror-programs.ts'
import { buildProgram } from './built-program.ts'
import { circumstances, writeResults } from './results-file.ts'
import { markdownTable, type MeasuredRun } from './table.ts'
import { smallTopic, type Workload } from './workloads.ts'

interface Bench {
  readonly args: BenchArguments
  readonly clusters: BenchClusters
  readonly logDir: string
  readonly keep: ReadonlySet<string>
  readonly results: { readonly runs: MeasuredRun[]; failures: number; started: number }
}

const run = promisify(execFile)

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
  const loaded = new Set(chosen.filter(({ hasOwnData }) => hasOwnData !== true).map(({ workload }) => workload))
  const keep = new Set([...loaded].flatMap(({ topics }) => topics))
  const bench: Bench = { args, clusters, logDir, keep, results: { runs: [], failures: 0, started: 0 } }
  try {
    await prepare(bench, loaded)
    for (const job of chosen) await runJob(bench, job)
    await report(bench, chosen)
  } finally {
    await destroyClusters(clusters)
    if (!args.keepsLogs && bench.results.failures === 0) await rm(logDir, { recursive: true, force: true })
  }
  if (bench.results.failures > 0) process.exitCode = 1
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

/** With what the job needs beside what is there for all. */
async function runJob(bench: Bench, job: Job): Promise<void> {
  const { workload, hasOwnData, targetSettings } = job
  const { source } = bench.clusters
  if (hasOwnData === true) {
    const startMs = performance.now()
    await loadData(source, workload)
    say(`Loaded ${workload.name}: ${workload.records} records in ${seconds(startMs)} s`)
  }
  if (targetSettings === undefined) await runRounds(bench, job)
  else {
    const target = await startCluster(targetSettings)
    try {
      await loadData(target, { ...workload, records: 300_000 })
      await removeTopics(target, new Set())
      await runRounds({ ...bench, clusters: { source, target } }, job)
    } finally {
      await target.destroy()
    }
  }
  if (hasOwnData === true) await removeTopics(source, bench.keep)
}

async function runRounds(bench: Bench, job: Job): Promise<void> {
  const { args, results } = bench
  for (let round = 1; round <= args.runs; round++) {
    for (const program of args.programs.filter((one) => job.programs?.includes(one) !== false)) {
      const startMs = performance.now()
      try {
        const figures = await runOnce(bench, job, program)
        results.runs.push({ workload: job.section.name, program, figures })
        say(`${job.section.name} ${program} ${round}: ${compact(figures)} [${seconds(startMs)} s]`)
      } catch (thrown) {
        results.failures++
        say(`${job.section.name} ${program} ${round} FAILED: ${String(thrown)}`)
      }
    }
  }
}

/** Aliases are new for each run: so are topics, positions and group of the mirror, and nothing is continued. */
async function runOnce(bench: Bench, job: Job, program: ProgramName): Promise<Figures> {
  const { args, clusters, logDir, results } = bench
  const number = ++results.started
  const sourceAlias = `s${number}`
  // Pages that are still being written would slow down whoever runs next.
  await run('sync')
  const setup = {
    clusters,
    propertiesFile: join(logDir, `${number}-${job.section.name}-${program}.properties`),
    sourceAlias,
    targetAlias: `t${number}`,
    topics: job.workload.topics,
    tasksMax: job.tasksMax ?? args.tasksMax,
    properties: job.properties ?? {},
    nodeFlags: args.nodeFlags
  }
  try {
    return await job.measure({
      clusters,
      sourceAlias,
      remoteTopics: job.workload.topics.map((topic) => `${sourceAlias}.${topic}`),
      start: () => startMirror(program, setup)
    })
  } finally {
    await cleanUp(bench, job)
  }
}

async function cleanUp({ clusters, keep }: Bench, { workload }: Job): Promise<void> {
  const ours = new Set(workload.topics)
  // The latency probe adds to the small topic: the next run must find what this one found.
  const isSpoilt = workload === smallTopic
  const stays = new Set(isSpoilt ? [...keep].filter((topic) => !ours.has(topic)) : [...keep, ...ours])
  await Promise.all([removeTopics(clusters.source, stays), removeTopics(clusters.target, new Set())])
  if (isSpoilt) await loadData(clusters.source, smallTopic)
}

async function report({ args, clusters, results: { runs } }: Bench, chosen: readonly Job[]): Promise<void> {
  const sections = chosen.map(({ section }) => section)
  const table = markdownTable(sections, runs)
  const settings = `Median (range) of ${args.runs} runs, tasks.max = ${args.tasksMax}${args.share === 1 ? '' : `, ${args.share} of the data`}.`
  const results = `${await circumstances(clusters.source.version)} ${settings}\n\n${table}`
  console.log(results)
  if (args.writesReadme) await writeResults(results)
}

function compact(figures: Figures): string {
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
