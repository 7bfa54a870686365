/** The two clusters of the bench: settings of a measured broker, and the state that every run finds. */
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { LocalCluster } from '../dev/local-kafka/local-cluster.ts'
import { processUsage } from '../dev/local-kafka/process-usage.ts'

export interface BenchClusters {
  readonly source: LocalCluster
  readonly target: LocalCluster
}

const settings = {
  'num.network.threads': '3',
  'num.io.threads': '8',
  'auto.create.topics.enable': 'false',
  // Each partition maps two indexes of this size into memory; they are long enough for all that a run writes to one.
  'log.index.size.max.bytes': '1048576',
  // What a run has written leaves the disk before the next one writes.
  'log.segment.delete.delay.ms': '1000'
}

export async function startClusters(): Promise<BenchClusters> {
  const [source, target] = await Promise.all([startCluster({}), startCluster({})])
  return { source, target }
}

/** @param furtherSettings of its broker */
export async function startCluster(furtherSettings: Readonly<Record<string, string>>): Promise<LocalCluster> {
  return await LocalCluster.start({ heapMb: 1024, fastStart: false, settings: { ...settings, ...furtherSettings } })
}

export async function destroyClusters({ source, target }: BenchClusters): Promise<void> {
  await Promise.all([source.destroy(), target.destroy()])
}

/** Deletes all topics but the brokers' own and those in `keep`, and waits until the broker has nothing left to do. */
export async function removeTopics(cluster: LocalCluster, keep: ReadonlySet<string>): Promise<void> {
  const kafka = new Kafka({ brokers: [cluster.bootstrapServers], logLevel: logLevel.NOTHING, requestTimeout: 120_000 })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const topics = (await admin.listTopics()).filter((name) => !name.startsWith('__') && !keep.has(name))
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: 120_000 })
  } finally {
    await admin.disconnect()
  }
  await idle(cluster)
}

/** Until the broker has used less than a tenth of a core for half a second; gives up after a minute. */
async function idle(cluster: LocalCluster): Promise<void> {
  const { pid } = cluster.broker(1)
  for (let round = 0; round < 120; round++) {
    const { cpuSeconds: before } = await processUsage(pid)
    await delay(500)
    const { cpuSeconds: after } = await processUsage(pid)
    // Files go a second after their topic.
    if (after - before < 0.05 && round >= 2) return
  }
}
