/** Workers that are stopped for longer than their session lasts, and wake up when others do their work. */
import { beforeAll, describe, expect, test } from 'vitest'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { curl } from '../support/curl.ts'
import { lasts, readIdentified, untilNothingIsMissing } from '../support/fault-run.ts'
import { compareMirrored } from '../support/invariants.ts'
import { storedBatches } from '../support/log-segments.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { plainProducers } from '../support/plain-producer.ts'
import { cleanUpAfterFile, clusterTimeoutMs } from '../support/real-cluster.ts'
import { restOrigin } from '../support/rest-origin.ts'
import { SteadyProducer } from '../support/steady-producer.ts'
import { expectRepeatsAfter, storedPositions, untilPositionsOf } from '../support/stored-positions.ts'
import { StoredStates } from '../support/stored-states.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const connectProducer = plainProducers()
const register = cleanUpAfterFile()
const connector = 'MirrorSourceConnector'
const partitions = 4
const sessionTimeoutMs = 6_000
/** In flight to a broker, per producer: what a zombie may have handed to the system (docs/compatibility.md). */
const requestsInFlight = 5
const patienceMs = 90_000
let pair: MirroredPair
let mirrors: readonly LocalMirror[]
let states: StoredStates

beforeAll(async () => {
  pair = await startPair()
  await pair.sourceAdmin.createTopic('zombie', partitions)
  const start = (): Promise<LocalMirror> =>
    startMirror(pair.source, pair.target, {
      topics: 'zombie.*',
      'tasks.max': '4',
      'rest.api.listeners': 'http://127.0.0.1:0',
      'B.session.timeout.ms': String(sessionTimeoutMs),
      'B.heartbeat.interval.ms': '1000',
      'B.scheduled.rebalance.max.delay.ms': '1000'
    })
  mirrors = await Promise.all([start(), start()])
  states = await StoredStates.follow(pair.target, 'mm2-status.A.internal')
  register(() => states.close())
  await states.spreads(connector, [2, 2], patienceMs)
}, clusterTimeoutMs)

interface Round {
  readonly generation: number
  readonly isLeader: boolean
}

/** What a process was told last by its group. */
async function lastRound(mirror: LocalMirror): Promise<Round> {
  const line = (await mirror.log()).findLast(({ msg }) => msg === 'The Connect group has rebalanced')
  return { generation: Number(line?.['generation']), isLeader: line?.['leader'] === 'this worker' }
}

/** The one that leads, and the other. */
async function roles(): Promise<{ leader: LocalMirror; follower: LocalMirror }> {
  return await waitUntil(
    'the workers agree on one leader',
    async () => {
      const rounds = await Promise.all(mirrors.map(lastRound))
      const [leader, ...others] = mirrors.filter((_, index) => rounds[index]?.isLeader)
      const follower = mirrors.find((mirror) => mirror !== leader)
      const isAgreed = new Set(rounds.map(({ generation }) => generation)).size === 1 && others.length === 0
      if (!isAgreed || leader === undefined || follower === undefined) throw new Error(JSON.stringify(rounds))
      return { leader, follower }
    },
    { timeoutMs: patienceMs, intervalMs: 200 }
  )
}

/** Stops a process for more than twice its session, and until the other does all the work and what else is waited for. */
async function whileStopped(zombie: LocalMirror, until: () => Promise<void>): Promise<void> {
  const wakesAt = Date.now() + 2.2 * sessionTimeoutMs
  zombie.signal('SIGSTOP')
  await states.spreads(connector, [4], patienceMs)
  await until()
  await lasts(Math.max(0, wakesAt - Date.now()))
}

/** The producer that wrote last, by partition of the target topic. */
async function lastProducers(): Promise<bigint[]> {
  const all = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => await storedBatches(pair.target, 'A.zombie', partition))
  )
  return all.map((batches) => batches.at(-1)?.producerId ?? -1n)
}

test('a worker that wakes up when others do its work writes nothing before it is a member again', async () => {
  const producer = await SteadyProducer.start(pair.source, 'zombie', { partitions, recordsPerSecond: 300 })
  register(() => producer.kill())
  await producer.flows(600)
  await pair.arrived('A.zombie', producer.ackedCount, { timeoutMs: patienceMs })
  await untilPositionsOf(partitions, pair.target, 'A', 'zombie')
  const { follower } = await roles()
  const before = await lastProducers()

  await whileStopped(follower, async () => {
    await producer.flows(300)
    await pair.arrived('A.zombie', producer.ackedCount, { timeoutMs: patienceMs })
  })
  const after = await lastProducers()
  const ends = await pair.targetAdmin.logEnds('A.zombie')
  const taken = [...before.keys()].filter((partition) => before[partition] !== after[partition])
  expect(taken).toHaveLength(2)

  follower.signal('SIGCONT')
  await states.spreads(connector, [2, 2], patienceMs)
  await producer.flows(300)
  const acked = await producer.stop()
  await untilNothingIsMissing(acked, pair.target, 'A.zombie', { timeoutMs: patienceMs, intervalMs: 500 })

  const { replays, faults, duplicates } = compareMirrored(acked, await readIdentified(pair.target, 'A.zombie'))
  expect(faults).toEqual([])
  let late = 0
  for (const partition of taken) {
    const batches = await storedBatches(pair.target, 'A.zombie', partition)
    const old = batches.filter(({ producerId }) => producerId === before[partition])
    const ofZombie = old.filter(({ baseOffset }) => baseOffset >= (ends[partition]?.end ?? 0n))
    late += ofZombie.length
    expect(ofZombie.length).toBeLessThanOrEqual(requestsInFlight)
  }
  const positions = await storedPositions(pair.target, 'A', 'zombie')
  for (const stored of positions.values()) expect(stored).toEqual(stored.toSorted((a, b) => Number(a - b)))
  expectRepeatsAfter(positions, replays)
  console.info(`zombie: ${acked.length} records, ${duplicates} repeated, ${late} batches after it woke up`)
}, 300_000)

describe('a leader that wakes up when another leads', () => {
  test('writes no configs, and both run what the new one has written', async () => {
    const { leader: old, follower: heir } = await roles()
    const configs = 'mm2-configs.A.internal'
    const byOld = new Set((await storedBatches(pair.target, configs)).map(({ producerId }) => producerId))

    await whileStopped(old, async () => {
      await waitUntil('the other leads', async () => (await lastRound(heir)).isLeader, { timeoutMs: patienceMs })
      // The old one is to find it too, as soon as it wakes up.
      await pair.sourceAdmin.createTopic('zombie2', partitions)
      const isDealtOut = async (): Promise<boolean> => JSON.stringify(await tasksOf(heir)).includes('zombie2-0')
      await waitUntil('its partitions are dealt out', isDealtOut, { timeoutMs: patienceMs })
      await states.spreads(connector, [4], patienceMs)
    })
    old.signal('SIGCONT')
    await states.spreads(connector, [2, 2], patienceMs)
    expect((await roles()).leader).toBe(heir)

    const batches = await storedBatches(pair.target, configs)
    const firstByHeir = batches.findIndex(({ producerId }) => !byOld.has(producerId))
    expect(firstByHeir).toBeGreaterThan(0)
    expect(batches.slice(firstByHeir).filter(({ producerId }) => byOld.has(producerId))).toEqual([])
    const stored = await storedTasks(configs)
    for (const mirror of mirrors) expect(await tasksOf(mirror)).toEqual(stored)
  }, 300_000)

  test('does its share of the work once, and no more', async () => {
    const produce = await connectProducer(pair.source)
    const messages = Array.from({ length: 40 }, (_, index) => ({ partition: index % partitions, value: `v${index}` }))
    await produce('zombie2', messages)
    await pair.arrived('A.zombie2', 40, { timeoutMs: patienceMs })
    for (const mirror of mirrors) expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await pair.targetAdmin.offsetCount('A.zombie2')).toBe(40)
  }, 120_000)
})

type TaskConfigs = Record<string, Record<string, string>>

/** Configs of the connector's tasks, by number, as a process knows them. */
async function tasksOf(mirror: LocalMirror): Promise<TaskConfigs> {
  const { body } = await curl({
    method: 'GET',
    url: `${await restOrigin(mirror)}/A/B/connectors/${connector}/tasks`
  })
  const tasks = JSON.parse(body) as { id: { task: number }; config: Record<string, string> }[]
  return Object.fromEntries(tasks.map(({ id, config }) => [id.task, config]))
}

/** As the config topic has them. */
async function storedTasks(topic: string): Promise<TaskConfigs> {
  const tasks: TaskConfigs = {}
  for (const { key, value } of await readTopic(pair.target, topic)) {
    const [, task] = new RegExp(`^task-${connector}-(\\d+)$`).exec(String(key)) ?? []
    if (task === undefined) continue
    tasks[task] = (JSON.parse(String(value)) as { properties: Record<string, string> }).properties
  }
  return tasks
}
