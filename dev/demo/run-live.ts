/** The live demo: steady load, and a table of what arrives, until Ctrl-C. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin } from 'kafkajs'
import { type LocalMirror } from '../local-mirror.ts'
import { createTopics, failWhenEnded, startMirror } from './demo-mirror.ts'
import { connectAdmin, kafkaClient, recordCount } from './kafka-client.ts'
import { LatencyWindow } from './latency-window.ts'
import { produceUntil } from './live-producer.ts'
import { startApplication, startTail } from './live-readers.ts'
import { type RunOptions } from './run-once.ts'
import { unlessStopped } from './stopping.ts'
import { count, LiveTable, tableLines, type TableRow } from './table.ts'
import { type DemoTopic, demoTopics } from './workload.ts'

const refreshMs = 1_000

/** Ends by rejecting: Stopped, or what went wrong. */
export async function runLive({ pair, cleanUp, signal, print }: RunOptions): Promise<never> {
  const [source, target] = [kafkaClient(pair.source), kafkaClient(pair.target)]
  const admins = { source: await connectAdmin(source, cleanUp), target: await connectAdmin(target, cleanUp) }
  const topics = demoTopics(pair.topicPrefix)
  await createTopics(pair, topics, admins, cleanUp)
  const mirror = await startMirror(pair, topics, cleanUp)
  const ended = failWhenEnded(mirror)
  print(`connect-mirror-maker runs as process ${mirror.pid} and logs to ${mirror.logFile}`)
  await Promise.race([untilMirrored(admins.target, topics, signal), ended])
  const windows = new Map(topics.map(({ name }) => [`A.${name}`, new LatencyWindow()] as const))
  const readers = Promise.all([
    startTail(target, windows, cleanUp),
    startApplication(source, topics[0]?.name ?? '', cleanUp)
  ])
  const [, readSoFar] = await unlessStopped(Promise.race([readers, ended]), signal)
  print(`State of the route: ${await restUrl(mirror)}A/B/connectors?expand=status`)
  print('Producing; Ctrl-C ends it and removes everything\n')
  const producing = stopProducingFirst(source, topics, signal, cleanUp)
  const footer = async (): Promise<string[]> => [
    `consumer group ${topics[0]?.name ?? ''}-readers at A has read ${count(readSoFar())} records`,
    await usageLine(mirror)
  ]
  const showing = showTable({ topics, admins, windows, footer, signal })
  return await Promise.race([showing, ended, producing])
}

/** Rejects when a send fails or at the signal. Its clean-up runs before the clusters go. */
async function stopProducingFirst(
  kafka: ReturnType<typeof kafkaClient>,
  topics: readonly DemoTopic[],
  signal: AbortSignal,
  cleanUp: RunOptions['cleanUp']
): Promise<never> {
  const stop = new AbortController()
  const producing = produceUntil(AbortSignal.any([signal, stop.signal]), kafka, topics)
  cleanUp.add(undefined, async () => {
    stop.abort()
    await producing.catch(() => undefined)
  })
  await producing
  signal.throwIfAborted()
  throw new Error('the producer ended')
}

async function untilMirrored(target: Admin, topics: readonly DemoTopic[], signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const names = new Set(await target.listTopics())
    if (topics.every(({ name }) => names.has(`A.${name}`))) return
    await delay(100)
  }
}

interface Shown {
  readonly topics: readonly DemoTopic[]
  readonly admins: { readonly source: Admin; readonly target: Admin }
  readonly windows: ReadonlyMap<string, LatencyWindow>
  readonly footer: () => Promise<string[]>
  readonly signal: AbortSignal
}

async function showTable({ topics, admins, windows, footer, signal }: Shown): Promise<never> {
  const table = new LiveTable(process.stdout)
  let before: readonly TableRow[] = []
  let beforeAt = Date.now()
  for (;;) {
    await delay(refreshMs, undefined, { signal })
    const now = Date.now()
    const seconds = (now - beforeAt) / 1000
    const rows = await Promise.all(
      topics.map(async ({ name }, index): Promise<TableRow> => {
        // The target first: the lag is never told smaller than it is.
        const mirrored = await recordCount(admins.target, `A.${name}`)
        const produced = await recordCount(admins.source, name)
        const [p50Ms, p99Ms] = windows.get(`A.${name}`)?.percentilesMs([50, 99], now) ?? []
        return {
          topic: name,
          mirrored,
          perSecond: Math.max(0, mirrored - (before[index]?.mirrored ?? 0)) / seconds,
          lag: Math.max(0, produced - mirrored),
          p50Ms,
          p99Ms
        }
      })
    )
    table.draw([...tableLines(rows), '', ...(await footer())])
    before = rows
    beforeAt = now
  }
}

/** Without Linux's /proc only the process id. */
async function usageLine(mirror: LocalMirror): Promise<string> {
  const who = `connect-mirror-maker (process ${mirror.pid})`
  const usage = await mirror.usage().catch(() => undefined)
  if (usage === undefined) return who
  return `${who}: ${count(usage.rssBytes / 1e6)} MB of memory, ${usage.cpuSeconds.toFixed(1)} CPU seconds since its start`
}

/** Base URL of its REST API, once it listens. */
async function restUrl(mirror: LocalMirror): Promise<string> {
  for (;;) {
    const urls: unknown = (await mirror.log()).find((line) => 'urls' in line)?.['urls']
    if (Array.isArray(urls)) return String(urls[0])
    await delay(100)
  }
}
