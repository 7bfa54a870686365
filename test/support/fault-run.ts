/** One fault under load: start mirror and producer, let records flow, do harm, let everything come to rest, compare whole topics. */
import kafkajs, { type Admin } from 'kafkajs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { type LocalMirror, type LogLine } from '../../dev/local-mirror.ts'
import {
  compareMirrored,
  type IdentifiedRecord,
  identified,
  type MirrorReport,
  type OffsetRange
} from './invariants.ts'
import { localMirrors } from './mirror-pair.ts'
import { SteadyProducer, type SteadyProducerOptions } from './steady-producer.ts'
import { waitUntil, type WaitOptions } from './wait-until.ts'

const { Kafka, logLevel } = kafkajs

/** What is set up for a run; topic and configs are those at the source. */
export interface FaultRunOptions {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly topic: string
  readonly configs?: Readonly<Record<string, string>>
  /** Default 4. */
  readonly partitions?: number
  /** Default 1. */
  readonly replicationFactor?: number
  /** Of the mirror; win over the usual ones. */
  readonly properties?: Readonly<Record<string, string>>
  readonly load?: Omit<SteadyProducerOptions, 'partitions'>
  /** How long everything may take to arrive once the fault is over. Default 60 s. */
  readonly catchUpMs?: number
}

export interface FaultOutcome {
  readonly report: MirrorReport
  /** Repeats that are in the source log already, which the mirror has to keep. */
  readonly sourceReplays: readonly OffsetRange[]
  /** What the producer knows to be at the source. */
  readonly acked: readonly IdentifiedRecord[]
  readonly log: readonly LogLine[]
}

export class FaultRun {
  readonly options: FaultRunOptions
  readonly producer: SteadyProducer
  readonly #startMirror: StartMirror
  #mirror: LocalMirror

  constructor(options: FaultRunOptions, producer: SteadyProducer, startMirror: StartMirror, mirror: LocalMirror) {
    this.options = options
    this.producer = producer
    this.#startMirror = startMirror
    this.#mirror = mirror
  }

  get mirror(): LocalMirror {
    return this.#mirror
  }

  /** Starts the program again with the same file, once it has ended. */
  async startMirror(): Promise<void> {
    this.#mirror = await this.#startMirror(this.#mirror.logFile.replace(/\.log$/, ''))
  }

  get remoteTopic(): string {
    return `A.${this.options.topic}`
  }

  /** Waits until the target has `count` more records than now. */
  async mirrors(count: number, timeoutMs = 60_000): Promise<void> {
    const before = await recordCount(this.options.target, this.remoteTopic).catch(() => 0)
    await waitUntil(
      `${this.remoteTopic} has ${before + count} records`,
      async () => (await recordCount(this.options.target, this.remoteTopic)) >= before + count,
      { timeoutMs, intervalMs: 200 }
    )
  }

  /** Ends load and mirror, in this order, and compares what they wrote. */
  async finish(): Promise<FaultOutcome> {
    const { target, catchUpMs = 60_000 } = this.options
    const acked = await this.producer.stop()
    const wait = { timeoutMs: catchUpMs, intervalMs: 300 }
    await waitUntil(
      `${this.remoteTopic} has ${acked.length} records`,
      async () => {
        const seen = await recordCount(target, this.remoteTopic)
        if (seen < acked.length) throw new Error(`there are ${seen}`)
        return true
      },
      wait
    ).catch(this.#withLog)
    // Where records were repeated, their number does not say that the last ones have come.
    await untilNothingIsMissing(acked, target, this.remoteTopic, wait).catch(() => undefined)
    expect(await this.#mirror.stop()).toEqual({ code: 0, signal: null })
    const report = compareMirrored(acked, await readIdentified(target, this.remoteTopic))
    const sourceReplays = report.duplicates === 0 ? [] : await this.#sourceReplays(acked)
    return { report, sourceReplays, acked, log: await this.#mirror.log() }
  }

  /** A broker killed with -9 can take a batch twice from a producer that missed the first acknowledgement. */
  async #sourceReplays(acked: readonly IdentifiedRecord[]): Promise<readonly OffsetRange[]> {
    const { source, topic } = this.options
    return compareMirrored(acked, await readIdentified(source, topic)).replays
  }

  readonly #withLog = async (error: unknown): Promise<never> => {
    const lines = (await this.#mirror.log()).filter(({ level }) => level >= 40).slice(-20)
    if ('logLevel' in verbosity) await copyFile(this.#mirror.logFile, join(tmpdir(), `fault-${this.options.topic}.log`))
    throw new Error(`${String(error)}\n${lines.map((line) => JSON.stringify(line)).join('\n')}`, { cause: error })
  }
}

/** `FAULT_DEBUG=1` has the program log all it can. */
const verbosity = process.env['FAULT_DEBUG'] === undefined ? {} : { logLevel: 'debug' as const }

type StartMirror = (propertiesFile?: string) => Promise<LocalMirror>

/** To be called at the top of a file. The function it gives resolves when records flow through. */
export function faultRuns(): (options: FaultRunOptions) => Promise<FaultRun> {
  const startLocalMirror = localMirrors()
  return async (options) => {
    const { source, target, topic, partitions = 4, replicationFactor = 1, configs = {}, properties = {} } = options
    await createTopic(source, { topic, partitions, replicationFactor, configs })
    const startMirror: StartMirror = async (propertiesFile) => {
      const file = { ...(propertiesFile === undefined ? {} : { propertiesFile }), ...verbosity }
      const mirror = await startLocalMirror(source, target, { topics: topic, ...properties }, file)
      onTestFinished(async () => {
        await mirror.kill()
      })
      return mirror
    }
    const mirror = await startMirror()
    const producer = await SteadyProducer.start(source, topic, { ...options.load, partitions })
    onTestFinished(async () => {
      await producer.kill()
    })
    const run = new FaultRun(options, producer, startMirror, mirror)
    await run.mirrors(100)
    return run
  }
}

/** Nothing lost, nothing twice that is there once at the source, everything in order. */
export function expectExact({ report, sourceReplays }: Pick<FaultOutcome, 'report' | 'sourceReplays'>): void {
  const { missing, replays, faults } = report
  expect({ missing, replays, faults }).toEqual({ missing: [], replays: sourceReplays, faults: [] })
}

/** Warnings and errors by message: how often each was logged. */
export function complaints(log: readonly LogLine[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { level, msg, ...fields } of log)
    if (level >= 40 && fields['key'] === undefined) counts.set(msg, (counts.get(msg) ?? 0) + 1)
  return counts
}

/** For the reader of the test's output. */
export function summarise(what: string, { report, sourceReplays, log }: Omit<FaultOutcome, 'acked'>): void {
  const { records, duplicates, missing } = report
  const warnings = [...complaints(log)].map(([message, count]) => `\n  ${count} x ${message}`)
  const repeats = `${duplicates} duplicates (${sourceReplays.length} stretches already at the source)`
  console.info(`${what}: ${records} records, ${repeats}, ${missing.length} gaps${warnings.join('')}`)
}

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

export async function createTopic(cluster: LocalCluster, options: NewTopic): Promise<void> {
  const { topic, partitions, replicationFactor = 1, configs = {} } = options
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await withAdmin(cluster, async (admin) => {
    // kafkajs' own waiting gives up where the broker that it asks has not heard of the topic yet.
    const topics = [{ topic, numPartitions: partitions, replicationFactor, configEntries }]
    await admin.createTopics({ topics, waitForLeaders: false })
    await waitUntil(`${topic} has leaders`, async () => {
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
      return metadata.topics[0]?.partitions.every(({ leader, isr }) => leader >= 0 && isr.length === replicationFactor)
    })
  })
}

/** A connection for one call: brokers come and go here. */
export async function withAdmin<T>(cluster: LocalCluster, call: (admin: Admin) => Promise<T>): Promise<T> {
  const retry = { retries: 3, initialRetryTime: 100 }
  const kafka = new Kafka({ brokers: cluster.bootstrapServers.split(','), logLevel: logLevel.NOTHING, retry })
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await call(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Offsets in use, all partitions together. */
export async function recordCount(cluster: LocalCluster, topic: string): Promise<number> {
  const ends = await withAdmin(cluster, async (admin) => {
    // Asking for the offsets of a topic that is not there would create it.
    return (await admin.listTopics()).includes(topic) ? await admin.fetchTopicOffsets(topic) : []
  })
  return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
}

export async function readIdentified(cluster: LocalCluster, topic: string): Promise<IdentifiedRecord[]> {
  return (await readTopic(cluster, topic)).map(identified)
}

/** Waits until all of `sent` is in a topic that may hold more. */
export async function untilNothingIsMissing(
  sent: readonly IdentifiedRecord[],
  cluster: LocalCluster,
  topic: string,
  options: WaitOptions = {}
): Promise<void> {
  await waitUntil(
    'nothing is missing',
    async () => {
      const { missing } = compareMirrored(sent, await readIdentified(cluster, topic))
      if (missing.length > 0) throw new Error(`missing: ${inspect(missing)}`)
      return true
    },
    options
  )
}

/** For faults whose length is the fault. */
export async function lasts(durationMs: number): Promise<void> {
  await delay(durationMs)
}
