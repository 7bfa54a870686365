/** A consumer application fails over, by group sync and by the example of the library: it gets what it had not read, and only that. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { committedPositions, type GroupPosition } from '../../dev/group-positions.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { RemoteClusterUtils } from '../../src/mirror-client/remote-cluster-utils.ts'
import { startKafkajsApplication } from '../support/consumer-application.ts'
import { createTopic, lasts, withAdmin } from '../support/fault-run.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { MixedLoad, type SentRecord } from '../support/mixed-load.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
const register = cleanUpAfterFile()
const exampleOf = (name: string): string => fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url))
const groups = ['billing', 'shipping'] as const
const patience = { timeoutMs: 30_000, intervalMs: 100 }

test(
  'consumers of a transactional topic go on in the other cluster with the first record they had not read',
  async () => {
    const [source, target] = await Promise.all([startCluster(), startCluster()])
    await createTopic(source, { topic: 'orders', partitions: 2 })
    const load = await MixedLoad.start(
      source,
      [{ topic: 'orders', partitions: 2, kind: 'transactional' }],
      seededRandom()
    )
    register(() => load.stop())
    const mirror = await startMirror(source, target, {
      topics: 'orders',
      // What was aborted is not mirrored: every transaction leaves a hole in the offsets.
      'A.consumer.isolation.level': 'read_committed',
      'emit.checkpoints.interval.seconds': '1',
      'refresh.groups.interval.seconds': '1',
      'sync.group.offsets.enabled': 'true',
      'sync.group.offsets.interval.seconds': '1'
    })
    await Promise.all(groups.map((group, index) => readSome(source, group, 150 + 100 * index)))
    await waitUntil('more records are sent', () => load.sent.length > 600, patience)
    await load.stop()

    const positions = new Map<string, readonly GroupPosition[]>()
    for (const group of groups) positions.set(group, await committedPositions(source, group))
    for (const group of groups) await untilCheckpointed(target, group, positions.get(group) ?? [])
    await source.broker(1).kill()
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect((await complaints(mirror)).filter((line) => line['cluster'] !== 'A')).toEqual([])

    for (const { partition, offset } of positions.get('billing') ?? []) {
      const here = (await committedPositions(target, 'billing')).find((one) => one.partition === partition)
      const args = [
        exampleOf('translate-position'),
        target.bootstrapServers,
        'A',
        'orders',
        `${partition}`,
        `${offset}`
      ]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      expect(JSON.parse(stdout)).toEqual({ topic: 'A.orders', partition, offset: `${here?.offset}`, exact: true })
    }

    // One relies on group sync, the other on the library alone.
    await withAdmin(target, (admin) => admin.deleteGroups(['shipping']))
    for (const group of groups) {
      const expected = unread(load.sent, positions.get(group) ?? [])
      const received = await readOn(target, group, [...expected.values()].flat().length)
      expect(received).toEqual(expected)
    }
  },
  clusterTimeoutMs
)

/** A consumer at A that stops when it has read so many records; where it committed last, is up to its mood. */
async function readSome(source: LocalCluster, group: string, records: number): Promise<void> {
  const application = await startKafkajsApplication(source, {
    group,
    topics: ['orders'],
    random: seededRandom(),
    records
  })
  register(() => application.stop())
  await application.reads(records, patience)
  await application.stop()
}

/** The newest checkpoint of each partition is of the group's position, and exact; and the group of B is where it says. */
async function untilCheckpointed(
  target: LocalCluster,
  group: string,
  positions: readonly GroupPosition[]
): Promise<void> {
  expect(positions.length).toBeGreaterThan(0)
  const client = { brokers: [target.bootstrapServers] }
  await waitUntil(
    `${group} can go on at B`,
    async () => {
      const offsets = await RemoteClusterUtils.translateOffsets(client, 'A', group, 5_000)
      const synced = await committedPositions(target, group)
      for (const { partition, offset: upstreamOffset } of positions) {
        const translated = offsets.get('A.orders', partition)
        expect(translated).toMatchObject({ upstreamOffset, exact: true })
        expect(synced.find((one) => one.partition === partition)?.offset).toBe(translated?.offset)
      }
      return true
    },
    patience
  )
}

type Values = Map<number, string[]>

/** What a group has not read, by partition. */
function unread(sent: readonly SentRecord[], positions: readonly GroupPosition[]): Values {
  const next = new Map(positions.map(({ partition, offset }) => [partition, offset]))
  const left = sent.filter(({ isCommitted, partition, offset }) => isCommitted && offset >= (next.get(partition) ?? 0n))
  return byPartition(left.toSorted((a, b) => Number(a.offset - b.offset)))
}

function byPartition(records: readonly { readonly partition: number; readonly value: string }[]): Values {
  const values: Values = new Map()
  for (const { partition, value } of records) values.set(partition, [...(values.get(partition) ?? []), value])
  return values
}

/** What the example of the library reads in the group, up to so many records and whatever comes soon after. */
async function readOn(target: LocalCluster, group: string, count: number): Promise<Values> {
  const args = [exampleOf('fail-over'), target.bootstrapServers, 'A', group, 'orders']
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    const lines: string[] = []
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => lines.push(line))
    await waitUntil(`${group} has read ${count} records`, () => lines.length >= count, patience)
    await lasts(500)
    return byPartition(lines.map((line) => JSON.parse(line) as { partition: number; value: string }))
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}
