import { describe, expect, it } from 'vitest'
import { deferred } from '../../../../src/base/deferred.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { StandaloneHerder } from '../../../../src/connect/herder/standalone-herder.ts'
import { type TaskHandle } from '../../../../src/connect/herder/task-handle.ts'
import {
  type ConnectorContext,
  type SourceConnector,
  type TaskConfig
} from '../../../../src/connect/source-connector.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'

class ToyConnector implements SourceConnector {
  configs: TaskConfig[] = []
  startFailures = 0
  readonly calls: string[] = []
  context: ConnectorContext | undefined

  start(context: ConnectorContext): Promise<void> {
    this.calls.push('start')
    this.context = context
    if (this.startFailures-- > 0) return Promise.reject(new Error('no start'))
    return Promise.resolve()
  }

  taskConfigs(maxTasks: number): TaskConfig[] {
    return this.configs.slice(0, maxTasks)
  }

  createTask(): never {
    throw new Error('The herder leaves this to startTask')
  }

  stop(): Promise<void> {
    this.calls.push('stop')
    return Promise.resolve()
  }
}

/** A running task of the toy connector; `log` is shared and tells the order of events. */
class ToyTask implements TaskHandle {
  readonly #done = deferred<Error | undefined>()
  readonly done = this.#done.promise
  readonly name: string
  stopTakes: Promise<void> = Promise.resolve()
  readonly #log: string[]

  constructor(name: string, log: string[]) {
    this.name = name
    this.#log = log
    log.push(`+${name}`)
  }

  fail(error: Error): void {
    this.#done.resolve(error)
  }

  async stop(): Promise<void> {
    await this.stopTakes
    this.#log.push(`-${this.name}`)
    this.#done.resolve(undefined)
  }
}

function setUp(configs: TaskConfig[] = []) {
  const clock = new ManualClock()
  const connector = new ToyConnector()
  connector.configs = configs
  const log: string[] = []
  const tasks: ToyTask[] = []
  const herder = new StandaloneHerder({
    connectorName: 'toy',
    connector,
    startTask: (config, index) => {
      const task = new ToyTask(`${index}:${config['share'] ?? ''}`, log)
      tasks.push(task)
      return task
    },
    maxTasks: 3,
    stopGraceMs: 1000,
    clock,
    random: () => 0.5,
    logger: silentLogger
  })
  return { clock, connector, log, tasks, herder }
}

const share = (text: string): TaskConfig => ({ share: text })

describe('StandaloneHerder', () => {
  it('starts one task per config, at most tasks.max of them', async () => {
    const { herder, log } = setUp(['a', 'b', 'c', 'd'].map(share))
    await herder.start()
    expect(log).toEqual(['+0:a', '+1:b', '+2:c'])
    expect(herder.status()).toEqual({
      connector: { state: 'RUNNING' },
      tasks: [{ state: 'RUNNING' }, { state: 'RUNNING' }, { state: 'RUNNING' }]
    })
  })

  it('leaves tasks alone whose configs are equal', async () => {
    const { herder, connector, log } = setUp([share('a'), share('b')])
    await herder.start()
    connector.configs = [share('a'), share('b')]
    connector.context?.requestTaskReconfiguration()
    await settle()
    expect(log).toEqual(['+0:a', '+1:b'])
  })

  it('stops every task that goes or changes before it starts one', async () => {
    const { herder, connector, log, tasks } = setUp([share('a'), share('b'), share('c')])
    await herder.start()
    const slow = deferred<undefined>()
    if (tasks[1] !== undefined) tasks[1].stopTakes = slow.promise
    connector.configs = [share('a'), share('c')]
    connector.context?.requestTaskReconfiguration()
    await settle()
    expect(log.slice(3)).toEqual(['-2:c'])
    slow.resolve(undefined)
    await settle()
    expect(log.slice(3)).toEqual(['-2:c', '-1:b', '+1:c'])
    expect(herder.status().tasks).toHaveLength(2)
  })

  it('takes a request that comes during a reconfiguration into account', async () => {
    const { herder, connector, log, tasks } = setUp([share('a')])
    await herder.start()
    const slow = deferred<undefined>()
    if (tasks[0] !== undefined) tasks[0].stopTakes = slow.promise
    connector.configs = [share('b')]
    connector.context?.requestTaskReconfiguration()
    await settle()
    connector.configs = [share('c')]
    connector.context?.requestTaskReconfiguration()
    slow.resolve(undefined)
    await settle()
    expect(log.at(-1)).toBe('+0:c')
    connector.configs = [share('d')]
    connector.context?.requestTaskReconfiguration()
    await settle()
    expect(log.at(-1)).toBe('+0:d')
  })

  it('shows a failed task, leaves the others alone, and starts it again after growing pauses', async () => {
    const { herder, clock, log, tasks } = setUp([share('a'), share('b')])
    await herder.start()
    const error = new Error('broken')
    tasks[0]?.fail(error)
    await settle()
    expect(herder.status().tasks).toEqual([{ state: 'FAILED', error }, { state: 'RUNNING' }])
    await clock.advance(4999)
    expect(log).toEqual(['+0:a', '+1:b', '-0:a'])
    await clock.advance(1)
    expect(log.at(-1)).toBe('+0:a')
    expect(herder.status().tasks[0]).toEqual({ state: 'RUNNING' })
    tasks[2]?.fail(error)
    await clock.advance(9999)
    expect(tasks).toHaveLength(3)
    await clock.advance(1)
    expect(tasks).toHaveLength(4)
  })

  it('starts a connector again whose start failed', async () => {
    const { herder, connector, clock, log } = setUp([share('a')])
    connector.startFailures = 1
    await herder.start()
    expect(herder.status()).toMatchObject({ connector: { state: 'FAILED' }, tasks: [] })
    await clock.advance(5000)
    expect(herder.status().connector).toEqual({ state: 'RUNNING' })
    expect(log).toEqual(['+0:a'])
  })

  it('stops tasks before the connector and starts nothing afterwards', async () => {
    const { herder, connector, log, tasks, clock } = setUp([share('a')])
    await herder.start()
    await herder.stop()
    expect(log).toEqual(['+0:a', '-0:a'])
    expect(connector.calls).toEqual(['start', 'stop'])
    connector.context?.requestTaskReconfiguration()
    tasks[0]?.fail(new Error('late'))
    await clock.advance(600_000)
    expect(log).toHaveLength(2)
    expect(herder.status()).toEqual({ connector: { state: 'UNASSIGNED' }, tasks: [{ state: 'UNASSIGNED' }] })
  })

  it('gives up waiting for a task when the grace time is over', async () => {
    const { herder, tasks, clock } = setUp([share('a')])
    await herder.start()
    if (tasks[0] !== undefined) tasks[0].stopTakes = deferred<undefined>().promise
    let isStopped = false
    const stopping = herder.stop().then(() => {
      isStopped = true
    })
    await clock.advance(999)
    expect(isStopped).toBe(false)
    await clock.advance(1)
    await stopping
    expect(isStopped).toBe(true)
  })
})
