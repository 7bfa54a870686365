/** The programs that are compared, each as a process of its own that is given the same file. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { JavaMirrorMaker } from '../dev/local-kafka/java-mirror-maker.ts'
import { logTail, OwnedProcess } from '../dev/local-kafka/owned-process.ts'
import { propertiesText } from '../dev/local-kafka/server-properties.ts'
import { type BenchClusters } from './bench-clusters.ts'
import { builtEntry } from './built-program.ts'

export type ProgramName = 'ours' | 'mm2'

export interface RunningMirror {
  readonly pid: number
  readonly running: boolean
  /** Ends it by signal, and waits until it has ended. */
  stop(): Promise<unknown>
  /** kill -9. */
  kill(): Promise<unknown>
  /** The end of what it has logged, for the report of a failed run. */
  logTail(): string
}

export interface MirrorSetup {
  readonly clusters: BenchClusters
  readonly propertiesFile: string
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly topics: readonly string[]
  readonly tasksMax: number
  /** Further settings, the same for both programs. */
  readonly properties: Readonly<Record<string, string>>
  /** Further flags of Node, e.g. --cpu-prof. */
  readonly nodeFlags: readonly string[]
}

// A worker that is killed instead keeps its place in the group for a while, and the next run finds it there.
const stopGraceMs = 60_000

export async function startMirror(program: ProgramName, setup: MirrorSetup): Promise<RunningMirror> {
  return program === 'ours' ? startOurs(setup) : await startMm2(setup)
}

function startOurs({ propertiesFile, nodeFlags, ...setup }: MirrorSetup): RunningMirror {
  const logFile = `${propertiesFile}.log`
  mkdirSync(dirname(propertiesFile), { recursive: true })
  writeFileSync(propertiesFile, propertiesText(mirrorProperties(setup)), 'latin1')
  const started = OwnedProcess.start({
    command: process.execPath,
    args: [...nodeFlags, builtEntry, propertiesFile],
    logFile
  })
  return {
    pid: started.pid,
    get running() {
      return started.running
    },
    stop: async () => await started.stop(stopGraceMs),
    kill: async () => await started.kill(),
    logTail: () => logTail(logFile)
  }
}

/**
 * What Kafka's own start script gives it (bin/connect-mirror-maker.sh, bin/kafka-run-class.sh): heap, collector, JMX. With a
 * JVM's defaults instead, whose collector may pause ten times as long, it needs a quarter less CPU on W1.
 */
const startScriptFlags = [
  ...['-Xms256m', '-Xmx2g', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent', '-XX:MaxInlineLevel=15'],
  ...['-Djava.awt.headless=true', '-Dcom.sun.management.jmxremote']
]

async function startMm2({ propertiesFile, ...setup }: MirrorSetup): Promise<RunningMirror> {
  const { jars } = setup.clusters.source
  const properties = mirrorProperties(setup)
  const started = await JavaMirrorMaker.start({
    ...{ jars, propertiesFile, properties },
    ...{ jvmFlags: startScriptFlags, logLevel: 'info' }
  })
  return {
    pid: started.pid,
    get running() {
      return started.running
    },
    stop: async () => await started.stop(stopGraceMs),
    kill: async () => await started.kill(),
    logTail: () => logTail(started.logFile)
  }
}

/** All defaults but for what one broker and one workload need. */
function mirrorProperties(setup: Omit<MirrorSetup, 'propertiesFile' | 'nodeFlags'>): Record<string, string> {
  const { clusters, sourceAlias, targetAlias, topics, tasksMax, properties } = setup
  return {
    clusters: `${sourceAlias}, ${targetAlias}`,
    [`${sourceAlias}.bootstrap.servers`]: clusters.source.bootstrapServers,
    [`${targetAlias}.bootstrap.servers`]: clusters.target.bootstrapServers,
    [`${sourceAlias}->${targetAlias}.enabled`]: 'true',
    [`${sourceAlias}->${targetAlias}.topics`]: topics.join(','),
    'tasks.max': String(tasksMax),
    'replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'config.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset-syncs.topic.replication.factor': '1',
    'checkpoints.topic.replication.factor': '1',
    'heartbeats.topic.replication.factor': '1',
    ...properties
  }
}
