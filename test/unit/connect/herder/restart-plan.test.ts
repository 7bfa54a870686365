import { describe, expect, it } from 'vitest'
import { planRestart, widerRestart } from '../../../../src/connect/herder/restart-plan.ts'
import { type RestartRequest } from '../../../../src/connect/storage/config-store.ts'
import { type RunState, type StoredStatus } from '../../../../src/connect/storage/status-store.ts'

const request = (onlyFailed: boolean, includeTasks: boolean): RestartRequest => ({
  connector: 'c',
  onlyFailed,
  includeTasks
})

const status = (state: RunState): StoredStatus => ({ state, trace: null, workerId: 'w', generation: 1, version: null })

const tasks = (['RUNNING', 'FAILED', 'PAUSED'] as const).map((state, task) => ({
  ...status(state),
  id: { connector: 'c', task }
}))

describe('a restart request', () => {
  it.each([
    { onlyFailed: false, includeTasks: false, connector: 'RUNNING', restarted: [true] },
    { onlyFailed: false, includeTasks: true, connector: 'RUNNING', restarted: [true, 0, 1, 2] },
    { onlyFailed: true, includeTasks: false, connector: 'RUNNING', restarted: [false] },
    { onlyFailed: true, includeTasks: false, connector: 'FAILED', restarted: [true] },
    { onlyFailed: true, includeTasks: true, connector: 'RUNNING', restarted: [false, 1] }
  ] as const)(
    'takes what it asks for and what has failed: %o',
    ({ onlyFailed, includeTasks, connector, restarted }) => {
      const plan = planRestart(request(onlyFailed, includeTasks), status(connector), tasks)
      expect([plan.restartsConnector, ...plan.tasks.map(({ task }) => task)]).toEqual(restarted)
    }
  )

  it('gives way to a wider one, whichever came first', () => {
    const byWidth = [request(true, false), request(true, true), request(false, false), request(false, true)]
    for (const [width, narrow] of byWidth.entries())
      for (const wide of byWidth.slice(width + 1)) {
        expect(widerRestart(narrow, wide)).toBe(wide)
        expect(widerRestart(wide, narrow)).toBe(wide)
      }
  })
})
