/** This program as a process of its own, with a running copy of mm2.properties, and the topics it mirrors. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin } from 'kafkajs'
import { LocalMirror } from '../local-mirror.ts'
import { type CleanUp } from './clean-up.ts'
import { type ClusterPair } from './cluster-pair.ts'
import { runningCopy } from './running-copy.ts'
import { type DemoTopic } from './workload.ts'

/** The program ends by itself within 30 s. */
const longestStopMs = 35_000

/** Created at the source; where the clusters stay, removed from both with what the mirror stores. */
export async function createTopics(
  pair: ClusterPair,
  topics: readonly DemoTopic[],
  admins: { readonly source: Admin; readonly target: Admin },
  cleanUp: CleanUp
): Promise<void> {
  if (!pair.isOwn) {
    const kept = new Set(await admins.target.listTopics())
    cleanUp.add(`deleted topics ${pair.topicPrefix}* and what was stored about them`, async () => {
      await deleteTopics(admins.source, (topic) => topic.startsWith(pair.topicPrefix))
      await deleteTopics(
        admins.target,
        (topic) => !kept.has(topic) && (topic.startsWith(`A.${pair.topicPrefix}`) || isInternal(topic))
      )
    })
  }
  await admins.source.createTopics({
    topics: topics.map(({ name, partitions, settings }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: 1,
      configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value }))
    }))
  })
}

async function deleteTopics(admin: Admin, isOurs: (topic: string) => boolean): Promise<void> {
  const topics = (await admin.listTopics()).filter(isOurs)
  if (topics.length > 0) await admin.deleteTopics({ topics })
}

function isInternal(topic: string): boolean {
  return /^mm2-(offsets|configs|status)\.A\.internal$/.test(topic)
}

/** Mirrors everything between clusters of the demo's own, between others only the demo's topics. */
export async function startMirror(
  pair: ClusterPair,
  topics: readonly DemoTopic[],
  cleanUp: CleanUp
): Promise<LocalMirror> {
  const dir = await mkdtemp(join(tmpdir(), 'mirror-demo-'))
  cleanUp.add(`removed ${dir}`, async () => {
    await rm(dir, { recursive: true, force: true })
  })
  const propertiesFile = join(dir, 'mm2.properties')
  const shipped = await readFile(new URL('../../mm2.properties', import.meta.url), 'latin1')
  const copy = runningCopy(shipped, {
    'A.bootstrap.servers': pair.source,
    'B.bootstrap.servers': pair.target,
    // Any free port: the one of the file may be taken.
    'rest.api.listeners': 'http://127.0.0.1:0',
    // In clusters of others nothing is to be left behind.
    ...(pair.isOwn
      ? {}
      : { 'A->B.topics': topics.map(({ name }) => name).join(', '), 'emit.heartbeats.enabled': 'false' })
  })
  await writeFile(propertiesFile, copy, 'latin1')
  const mirror = await LocalMirror.start({ propertiesFile, removeWithOwner: dir })
  cleanUp.add('stopped connect-mirror-maker', async () => {
    const wasRunning = mirror.running
    const { code, signal } = await mirror.stop(longestStopMs)
    if (wasRunning && code !== 0) throw new Error(`connect-mirror-maker ended with ${code ?? signal ?? ''}`)
  })
  return mirror
}

/** Rejects when the mirror ends while it should run. */
export async function failWhenEnded(mirror: LocalMirror): Promise<never> {
  const { code, signal } = await mirror.exited
  const tail = (await mirror.output()).slice(-2_000)
  throw new Error(`connect-mirror-maker ended by itself (${code ?? signal ?? ''}); the end of its log:\n${tail}`)
}
