import { describe, expect, it } from 'vitest'
import { deferred } from '../../../../src/base/deferred.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { type WorkerAssignment } from '../../../../src/connect/group/worker-group.ts'
import { type SubmitTaskConfigs } from '../../../../src/connect/herder/herder-options.ts'
import { Membership } from '../../../../src/connect/herder/membership.ts'
import { RequestError } from '../../../../src/connect/herder/request-error.ts'
import { RequestQueue } from '../../../../src/connect/herder/request-queue.ts'
import { TaskConfigComparison } from '../../../../src/connect/herder/task-config-comparison.ts'
import { TaskReconfiguration } from '../../../../src/connect/herder/task-reconfiguration.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ToyWorker } from '../../../support/herder-toys.ts'
import { InMemoryConfigStore } from '../../../support/in-memory-config-store.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'

const nothing = { connectors: [], tasks: [] }
const follower: WorkerAssignment = {
  ...{ isConfigMismatch: false, generation: 1, isLeader: false, leaderId: 'other', leaderUrl: 'http://leader/' },
  ...{ configOffset: 0n, owned: nothing, revoked: nothing, delayMs: 0 }
}

/** A follower that runs connector `c` of two tasks. */
async function setUp(
  submitTaskConfigs: SubmitTaskConfigs | undefined,
  leaderUrl = 'http://leader/'
): Promise<{ request: () => Promise<void>; pass: (ms: number) => Promise<void>; lines: readonly string[] }> {
  const clock = new ManualClock()
  const config = new InMemoryConfigStore()
  const worker = new ToyWorker({ putConnector: () => undefined, putTask: () => undefined })
  await config.putConnectorConfig('c', { tasks: '2' })
  await worker.startConnector('c', {}, 'STARTED')
  const membership = new Membership({ isRejoinNeeded: false, ownerUrl: () => undefined })
  membership.take({ ...follower, leaderUrl })
  const queue = new RequestQueue(clock, () => undefined)
  const lines: string[] = []
  const tools = { clock, random: () => 0.5, logger: recordingLogger(lines) }
  const reconfiguration = new TaskReconfiguration({ worker, config, membership, queue, submitTaskConfigs, ...tools })
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms)
    await queue.runDue()
    await settle()
  }
  const request = (): Promise<void> => {
    reconfiguration.request('c')
    return pass(0)
  }
  return { request, pass, lines }
}

describe('the reconfiguration of tasks by a follower', () => {
  it('hands task configs to the leader until it takes them, with pauses that grow', async () => {
    const submitted: unknown[] = []
    const { request, pass } = await setUp((...call) => {
      submitted.push(call)
      return submitted.length < 3 ? Promise.reject(new Error('away')) : Promise.resolve()
    })
    await request()
    expect(submitted).toEqual([['http://leader/', 'c', [{ share: 'all' }, { share: 'all' }]]])
    await pass(249)
    expect(submitted).toHaveLength(1)
    await pass(1)
    expect(submitted).toHaveLength(2)
    await pass(500)
    expect(submitted).toHaveLength(3)
    await pass(60_000)
    expect(submitted).toHaveLength(3)
  })

  it('has one submission of a connector under way at a time, and one more for all that came meanwhile', async () => {
    const answer = deferred<undefined>()
    let submissions = 0
    const { request, pass } = await setUp(async () => {
      submissions += 1
      await answer.promise
    })
    await request()
    await request()
    await request()
    expect(submissions).toBe(1)
    answer.resolve(undefined)
    await settle()
    await pass(0)
    expect(submissions).toBe(2)
    await pass(60_000)
    expect(submissions).toBe(2)
  })

  it('does not speak of a refused signature while the session key may be being replaced', async () => {
    const { request, pass, lines } = await setUp(() => Promise.reject(new RequestError('forbidden', 'signature')))
    await request()
    await pass(1000)
    expect(lines).toEqual([])
    for (let seconds = 0; seconds < 120; seconds += 1) await pass(1000)
    expect(lines).toEqual([expect.stringContaining('warn: ')])
  })

  it.each([
    ['internal REST is off here', undefined, 'http://leader/'],
    ['it is off at the leader', () => Promise.resolve(), 'NOTUSED']
  ])('warns once when %s', async (_, submit, leaderUrl) => {
    const { request, pass, lines } = await setUp(submit, leaderUrl)
    await request()
    await pass(250)
    await request()
    expect(lines).toEqual([expect.stringContaining('warn: ')])
  })
})

describe('the comparison of task configs', () => {
  const raw = { password: '${file:p}' }
  const stored = { 'task.index': '0', password: '${file:p}' }

  async function compare(
    configs: readonly ConnectorConfig[],
    change: (store: InMemoryConfigStore) => Promise<void> = () => Promise.resolve()
  ): Promise<boolean> {
    const store = new InMemoryConfigStore()
    await store.putConnectorConfig('c', raw)
    await store.putTaskConfigs('c', [stored])
    await change(store)
    return new TaskConfigComparison((config) => config).hasChanged(store.snapshot(), 'c', configs)
  }

  it('finds another number, other values, and another connector config', async () => {
    expect(await compare([{ password: '${file:p}', 'task.index': '0' }])).toBe(false)
    expect(await compare([])).toBe(true)
    expect(await compare([stored, stored])).toBe(true)
    expect(await compare([{ ...stored, 'task.index': '1' }])).toBe(true)
    expect(await compare([stored], (store) => store.putConnectorConfig('c', { ...raw, more: '1' }))).toBe(true)
  })

  it('finds a secret that changed since it was first compared', async () => {
    const store = new InMemoryConfigStore()
    await store.putConnectorConfig('c', raw)
    await store.putTaskConfigs('c', [stored])
    let secret = 'old'
    const comparison = new TaskConfigComparison(() => ({ password: secret }))
    expect(comparison.hasChanged(store.snapshot(), 'c', [stored])).toBe(false)
    secret = 'new'
    expect(comparison.hasChanged(store.snapshot(), 'c', [stored])).toBe(true)
  })

  it('writes the first, empty set of a connector without tasks', async () => {
    const store = new InMemoryConfigStore()
    await store.putConnectorConfig('c', raw)
    const comparison = new TaskConfigComparison((config) => config)
    expect(comparison.hasChanged(store.snapshot(), 'c', [])).toBe(true)
    await store.putTaskConfigs('c', [])
    expect(comparison.hasChanged(store.snapshot(), 'c', [])).toBe(false)
  })
})
