import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LogAppend } from '../../../../src/client/compacted-log.ts'
import { type ConnectorConfig, type TargetState } from '../../../../src/connect/connector-config.ts'
import {
  commitRecord,
  connectorRecord,
  loggerRecord,
  restartRecord,
  targetStateRecord,
  taskRecord
} from '../../../../src/connect/storage/config-records.ts'
import { ConfigState } from '../../../../src/connect/storage/config-state.ts'
import { type ConfigSnapshot, type ConfigStoreListener } from '../../../../src/connect/storage/config-store.ts'

type Stored = Pick<LogAppend, 'key' | 'value'>

function raw(key: string | null, value: string | null): Stored {
  return { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) }
}

function takeAll(
  state: ConfigState,
  records: readonly (Stored & { offset?: bigint })[],
  listener?: ConfigStoreListener
) {
  return records.map(({ key, value, offset }, index) =>
    state.take({ partition: 0, timestamp: 0n, offset: offset ?? BigInt(index), key, value }, listener)
  )
}

function read(...records: Stored[]): ConfigSnapshot {
  const state = new ConfigState()
  takeAll(state, records)
  return state.snapshot()
}

function recordingListener(events: string[]): ConfigStoreListener {
  return {
    connectorConfigUpdated: (connector) => void events.push(`config ${connector}`),
    connectorConfigRemoved: (connector) => void events.push(`removed ${connector}`),
    taskConfigsUpdated: (ids) => void events.push(`tasks ${ids.map(({ task }) => task).join()}`),
    targetStateChanged: (connector) => void events.push(`state ${connector}`),
    sessionKeyUpdated: ({ algorithm }) => void events.push(`key ${algorithm}`),
    restartRequested: ({ connector }) => void events.push(`restart ${connector}`),
    loggerLevelUpdated: (logger, level) => void events.push(`logger ${logger}=${level}`)
  }
}

const task = (number: number, config: ConnectorConfig = { n: String(number) }): Stored =>
  taskRecord({ connector: 'c', task: number }, config)
const config = connectorRecord('c', { name: 'c' })

describe('the state that the config topic holds', () => {
  it('reads a small topic as Java leaves it', () => {
    const snapshot = read(
      raw('session-key', '{"key":"aGk=","algorithm":"HmacSHA256","creation-timestamp":5}'),
      connectorRecord('Source', { name: 'Source' }),
      connectorRecord('Heartbeat', { name: 'Heartbeat' }),
      taskRecord({ connector: 'Source', task: 0 }, { 'task.index': '0' }),
      commitRecord('Source', 1),
      commitRecord('Heartbeat', 0)
    )
    expect(snapshot.offset).toBe(6n)
    expect(snapshot.sessionKey).toEqual({ key: Buffer.from('hi'), algorithm: 'HmacSHA256', createdAt: 5 })
    expect(snapshot.connectors).toEqual(['Heartbeat', 'Source'])
    expect(snapshot.tasks('Source')).toEqual([{ connector: 'Source', task: 0 }])
    expect(snapshot.taskConfig({ connector: 'Source', task: 0 })).toEqual({ 'task.index': '0' })
    expect(snapshot.targetState('Source')).toBe('STARTED')
    expect(snapshot.taskGeneration('Source')).toBe(0)
    expect(snapshot.taskGeneration('Heartbeat')).toBeUndefined()
    expect(snapshot.appliedConnectorConfig('Heartbeat')).toEqual({ name: 'Heartbeat' })
  })

  it('is empty at offset -1 before the first record', () => {
    const snapshot = read()
    expect([snapshot.offset, snapshot.connectors, snapshot.targetState('c')]).toEqual([-1n, [], undefined])
  })

  it('counts every record whose value is JSON, by its offset, and no other', () => {
    const state = new ConfigState()
    const offsets = [
      raw('connector-c', '{"properties":{}}'),
      raw('nobody-knows', '{}'),
      raw(null, null),
      raw('connector-c', '[]'),
      raw('connector-c', 'no json'),
      raw('connector-c', '{"properties":{}'),
      raw('connector-c', '{"properties":{}} and more'),
      { key: Buffer.from('connector-c'), value: Buffer.from([0x22, 0xff, 0x22]) },
      raw('commit-c', '')
    ].map((record, index) => {
      takeAll(state, [{ ...record, offset: BigInt(10 * index) }])
      return state.snapshot().offset
    })
    expect(offsets).toEqual([1n, 11n, 21n, 31n, 31n, 31n, 61n, 61n, 81n])
  })

  it('says of each record that it skips what is wrong', () => {
    const problems = takeAll(new ConfigState(), [raw('x', '{}'), raw(null, '{}'), raw('connector-c', '{'), config])
    expect(problems).toEqual(['no such key is known', 'it has no key', 'its value is not JSON', undefined])
  })

  it('takes task configs only by a commit record, together', () => {
    expect(read(config, task(0)).taskCount('c')).toBe(0)
    const snapshot = read(config, task(0), task(1), commitRecord('c', 2), task(0, { n: 'new' }))
    expect(snapshot.tasks('c')).toHaveLength(2)
    expect(snapshot.taskConfig({ connector: 'c', task: 0 })).toEqual({ n: '0' })
  })

  it('calls a connector inconsistent whose set is not complete, until one is', () => {
    const records = [config, task(0), commitRecord('c', 2)]
    const broken = read(...records)
    expect([broken.isInconsistent('c'), broken.taskCount('c'), broken.tasks('c')]).toEqual([true, 2, []])
    expect(broken.appliedConnectorConfig('c')).toBeUndefined()
    const healed = read(...records, task(0), task(1), commitRecord('c', 2))
    expect([healed.isInconsistent('c'), healed.tasks('c').length, healed.taskGeneration('c')]).toEqual([false, 2, 0])
    // The first task config was dropped with its set: it does not complete a later one.
    expect(read(...records, task(1), commitRecord('c', 2)).isInconsistent('c')).toBe(true)
  })

  it('survives a commit record that asks for two thousand million tasks', () => {
    expect(read(config, task(0), commitRecord('c', 0x7fffffff)).tasks('c')).toEqual([])
  })

  it('hides the configs of tasks beyond the count, and raises the generation by each set', () => {
    const snapshot = read(
      config,
      task(0),
      task(1),
      commitRecord('c', 2),
      task(0),
      commitRecord('c', 1),
      commitRecord('c', 0)
    )
    expect(snapshot.taskConfig({ connector: 'c', task: 1 })).toBeUndefined()
    expect(snapshot.taskGeneration('c')).toBe(2)
  })

  it('forgets the tasks of a removed connector, but not its generation and target state', () => {
    const started = [config, task(0), commitRecord('c', 1), targetStateRecord('c', 'PAUSED')]
    const removed = read(...started, connectorRecord('c', null))
    expect([removed.connectors, removed.taskCount('c'), removed.appliedConnectorConfig('c')]).toEqual([
      [],
      0,
      undefined
    ])
    expect([removed.targetState('c'), removed.taskGeneration('c')]).toEqual(['PAUSED', 0])
    const gone = read(...started, connectorRecord('c', null), targetStateRecord('c', null))
    expect(gone.targetState('c')).toBeUndefined()
    expect(read(...started, targetStateRecord('c', null)).targetState('c')).toBe('STARTED')
    // Compaction may leave the tasks of a connector whose config is gone.
    expect(read(task(0), commitRecord('c', 1), config).taskCount('c')).toBe(0)
    // Nor do task configs of before complete a set of the connector that comes after it.
    const [removal, commit] = [connectorRecord('c', null), commitRecord('c', 1)]
    expect(read(config, task(0), removal, config, commit).isInconsistent('c')).toBe(true)
    expect(read(task(0), commit, config, commit).isInconsistent('c')).toBe(true)
  })

  it('keeps a snapshot as it was', () => {
    const state = new ConfigState()
    takeAll(state, [config, task(0), commitRecord('c', 1)])
    const before = state.snapshot()
    takeAll(state, [connectorRecord('c', null)])
    expect([before.offset, before.connectors, before.tasks('c').length]).toEqual([3n, ['c'], 1])
    expect(state.snapshot().connectors).toEqual([])
  })

  it('tells a listener of changes in order, and of restarts and logger levels only then', () => {
    const events: string[] = []
    const state = new ConfigState()
    const request = restartRecord({ connector: 'c', includeTasks: true, onlyFailed: false })
    const records = [
      ...[
        targetStateRecord('c', 'PAUSED'),
        config,
        targetStateRecord('c', 'PAUSED'),
        targetStateRecord('c', 'STOPPED')
      ],
      ...[task(1), task(0), commitRecord('c', 2), commitRecord('c', 1), request, loggerRecord('x', 'DEBUG')],
      ...[connectorRecord('c', null), targetStateRecord('c', null)]
    ]
    takeAll(state, records)
    takeAll(state, [targetStateRecord('c', null)])
    takeAll(state, records, recordingListener(events))
    expect(events).toEqual([
      ...['config c', 'state c', 'tasks 1,0', 'tasks '],
      ...['restart c', 'logger x=DEBUG', 'removed c']
    ])
  })
})

interface Connector {
  config: ConnectorConfig
  tasks: ConnectorConfig[]
}

type Step =
  | { readonly kind: 'put'; readonly name: string; readonly version: number; readonly tasks: number }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'state'; readonly name: string; readonly state: TargetState }

describe('any history of whole writes', () => {
  // Names that look like other keys' parts.
  const name = fc.constantFrom('a', 'a-1', 'task-a')
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name, version: fc.nat(9), tasks: fc.nat(3) }),
    fc.record({ kind: fc.constant('remove' as const), name }),
    fc.record({ kind: fc.constant('state' as const), name, state: fc.constantFrom('STARTED', 'PAUSED', 'STOPPED') })
  )

  function play(steps: readonly Step[]): {
    records: Stored[]
    connectors: Map<string, Connector>
    states: Map<string, TargetState>
  } {
    const records: Stored[] = []
    const connectors = new Map<string, Connector>()
    const states = new Map<string, TargetState>()
    for (const one of steps) {
      if (one.kind === 'state') {
        records.push(targetStateRecord(one.name, one.state))
        states.set(one.name, one.state)
      } else if (one.kind === 'remove') {
        records.push(connectorRecord(one.name, null), targetStateRecord(one.name, null))
        connectors.delete(one.name)
        states.delete(one.name)
      } else {
        const config = { version: String(one.version) }
        const tasks = Array.from({ length: one.tasks }, (_, index) => ({ ...config, 'task.index': String(index) }))
        records.push(connectorRecord(one.name, config))
        records.push(...tasks.map((taskConfig, index) => taskRecord({ connector: one.name, task: index }, taskConfig)))
        records.push(commitRecord(one.name, one.tasks))
        connectors.set(one.name, { config, tasks })
        if (!states.has(one.name)) states.set(one.name, 'STARTED')
      }
    }
    return { records, connectors, states }
  }

  /** Keeps the last record of each key, as a compacted log does. */
  function compacted(records: readonly Stored[]): (Stored & { offset: bigint })[] {
    const last = new Map<string, Stored & { offset: bigint }>()
    records.forEach((record, index) => {
      const key = String(record.key)
      last.delete(key)
      last.set(key, { ...record, offset: BigInt(index) })
    })
    return [...last.values()]
  }

  function contents(snapshot: ConfigSnapshot, names: readonly string[]) {
    return names.map((connector) => ({
      connector,
      config: snapshot.connectorConfig(connector),
      applied: snapshot.appliedConnectorConfig(connector),
      state: snapshot.targetState(connector),
      tasks: snapshot.tasks(connector).map((id) => snapshot.taskConfig(id)),
      isInconsistent: snapshot.isInconsistent(connector)
    }))
  }

  it('leaves what a simple model says, before and after compaction', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { records, connectors, states } = play(steps)
        const names = ['a', 'a-1', 'task-a']
        const model = names.map((connector) => ({
          connector,
          config: connectors.get(connector)?.config,
          applied: connectors.get(connector)?.config,
          state: states.get(connector),
          tasks: connectors.get(connector)?.tasks ?? [],
          isInconsistent: false
        }))
        const whole = read(...records)
        expect(contents(whole, names)).toEqual(model)
        const state = new ConfigState()
        takeAll(state, compacted(records))
        expect(contents(state.snapshot(), names)).toEqual(model)
        expect(state.snapshot().offset).toBe(whole.offset)
      })
    )
  })
})
