import { beforeEach, expect, test } from 'vitest'
import { deferred, type Deferred } from '../../../../src/base/deferred.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type ConnectorContext, type SourceConnector } from '../../../../src/connect/source-connector.ts'
import { WorkerConnector } from '../../../../src/connect/worker/worker-connector.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

let clock: ManualClock
let calls: string[]
let states: string[]
let requests: number
let startFailure: Error | undefined
let stopFailure: Error | undefined
let startGate: Deferred<undefined> | undefined
let stopGate: Deferred<undefined> | undefined
let context: ConnectorContext | undefined
let connector: WorkerConnector

beforeEach(() => {
  clock = new ManualClock()
  calls = []
  states = []
  requests = 0
  startFailure = stopFailure = startGate = stopGate = context = undefined
  connector = new WorkerConnector({
    name: 'c',
    create: () => toyConnector(),
    onReconfigurationRequest: () => {
      requests += 1
    },
    report: (state, error) => {
      states.push(error === undefined ? state : `${state} ${error.message}`)
    },
    clock,
    logger: silentLogger
  })
})

function toyConnector(): SourceConnector {
  return {
    async start(given) {
      calls.push('start')
      context = given
      await startGate?.promise
      if (startFailure !== undefined) throw startFailure
    },
    taskConfigs: () => [],
    async stop() {
      calls.push('stop')
      await stopGate?.promise
      if (stopFailure !== undefined) throw stopFailure
    }
  }
}

test('starts, pauses, stops and starts again, each time with a new instance, and reports each state', async () => {
  for (const target of ['STARTED', 'PAUSED', 'STARTED', 'STOPPED', 'PAUSED', 'STARTED'] as const) {
    const reached = await connector.transitionTo(target)
    expect(reached).toBe(target === 'STARTED' ? 'RUNNING' : target)
    expect(connector.running !== undefined).toBe(target === 'STARTED')
  }
  expect(calls).toEqual(['start', 'stop', 'start', 'stop', 'start'])
  expect(states).toEqual(['RUNNING', 'PAUSED', 'RUNNING', 'STOPPED', 'PAUSED', 'RUNNING'])
})

test('of several requests that come during a start only the newest counts', async () => {
  startGate = deferred()
  const reached = [
    connector.transitionTo('STARTED'),
    connector.transitionTo('PAUSED'),
    connector.transitionTo('STOPPED')
  ]
  startGate.resolve(undefined)
  expect(await Promise.all(reached)).toEqual(['STOPPED', 'STOPPED', 'STOPPED'])
  expect(states).toEqual(['RUNNING', 'STOPPED'])
})

test('a failed start is FAILED, which only STOPPED leaves', async () => {
  startFailure = new Error('defect')
  expect(await connector.transitionTo('STARTED')).toBe('FAILED')
  expect(await connector.transitionTo('PAUSED')).toBe('FAILED')
  expect(await connector.transitionTo('STARTED')).toBe('FAILED')
  expect(await connector.transitionTo('STOPPED')).toBe('STOPPED')
  expect(states).toEqual(['FAILED defect', 'STOPPED'])
})

test.each([
  ['PAUSED', 'FAILED', 'FAILED defect'],
  ['STOPPED', 'STOPPED', 'STOPPED']
] as const)('an error on the way to %s ends in %s', async (target, expected, state) => {
  await connector.transitionTo('STARTED')
  stopFailure = new Error('defect')
  expect(await connector.transitionTo(target)).toBe(expected)
  expect(states).toEqual(['RUNNING', state])
})

test('a stop ends UNASSIGNED, also of a start that waits for its cluster, and mutes what comes later', async () => {
  startGate = deferred()
  const reached = connector.transitionTo('STARTED')
  await clock.advance(0)
  const stopped = connector.stop()
  startGate.resolve(undefined)
  await Promise.all([stopped, reached])
  expect([calls, states]).toEqual([['start', 'stop'], ['UNASSIGNED']])
  context?.requestTaskReconfiguration()
  await connector.transitionTo('STARTED')
  expect([requests, states, clock.pendingTimers]).toEqual([0, ['UNASSIGNED'], 0])
})

test('a connector that does not stop within 5 s is left behind: UNASSIGNED, and nothing later is heard', async () => {
  await connector.transitionTo('STARTED')
  stopGate = deferred()
  stopFailure = new Error('late')
  const stopped = connector.stop()
  await clock.advance(4_999)
  expect(states).toEqual(['RUNNING'])
  await clock.advance(1)
  await stopped
  stopGate.resolve(undefined)
  await clock.advance(10)
  expect(states).toEqual(['RUNNING', 'UNASSIGNED'])
})

test('requests of the instance that runs reach the listener, those of an earlier one do not', async () => {
  await connector.transitionTo('STARTED')
  const first = context
  first?.requestTaskReconfiguration()
  expect(requests).toBe(1)
  await connector.transitionTo('PAUSED')
  first?.requestTaskReconfiguration()
  await connector.transitionTo('STARTED')
  first?.requestTaskReconfiguration()
  expect(requests).toBe(1)
})

test('a connector that raises an error is stopped and FAILED; one that has stopped is not heard', async () => {
  await connector.transitionTo('STARTED')
  const first = context
  first?.raiseError(new Error('the target is too old'))
  first?.raiseError(new Error('later'))
  await clock.advance(0)
  expect([calls, states]).toEqual([
    ['start', 'stop'],
    ['RUNNING', 'FAILED the target is too old']
  ])
  await connector.transitionTo('STOPPED')
  await connector.transitionTo('STARTED')
  first?.raiseError(new Error('of an earlier instance'))
  expect(states.at(-1)).toBe('RUNNING')
})
