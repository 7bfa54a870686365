import { describe, expect, it } from 'vitest'
import { type StoredStatus } from '../../../../src/connect/storage/status-store.ts'
import { StatusTable, isSafeToPut } from '../../../../src/connect/storage/status-table.ts'

function status(state: StoredStatus['state'], generation: number, workerId = 'w'): StoredStatus {
  return { state, trace: null, workerId, generation, version: null }
}

function table(): StatusTable {
  const statuses = new StatusTable()
  statuses.take({ kind: 'connector', connector: 'c', status: status('RUNNING', 1) })
  for (const task of [10, 2])
    statuses.take({ kind: 'task', id: { connector: 'c', task }, status: status('RUNNING', 5) })
  return statuses
}

describe('what the status topic says', () => {
  it('is sorted by task number, and forgets the tasks with their connector', () => {
    const statuses = table()
    expect(statuses.tasks('c').map(({ id }) => id.task)).toEqual([2, 10])
    statuses.take({ kind: 'task', id: { connector: 'c', task: 2 }, status: null })
    expect(statuses.tasks('c').map(({ id }) => id.task)).toEqual([10])
    statuses.take({ kind: 'connector', connector: 'c', status: null })
    expect([statuses.connectors(), statuses.tasks('c')]).toEqual([[], []])
  })

  it.each([
    ['RUNNING', 'UNASSIGNED', 5, 'RUNNING'],
    ['RUNNING', 'UNASSIGNED', 4, 'RUNNING'],
    ['RUNNING', 'UNASSIGNED', 6, 'UNASSIGNED'],
    ['RUNNING', 'FAILED', 4, 'FAILED'],
    ['PAUSED', 'UNASSIGNED', 4, 'UNASSIGNED']
  ] as const)('of a task in %s at generation 5, %s at %i makes %s', (before, next, generation, after) => {
    const statuses = table()
    const id = { connector: 'c', task: 2 }
    statuses.take({ kind: 'task', id, status: status(before, 5) })
    statuses.take({ kind: 'task', id, status: status(next, generation) })
    expect(statuses.task(id)?.state).toBe(after)
  })

  it('replaces the status of a connector whatever it was', () => {
    const statuses = table()
    statuses.take({ kind: 'connector', connector: 'c', status: status('UNASSIGNED', 0) })
    expect(statuses.connector('c')?.state).toBe('UNASSIGNED')
  })

  it('lists the active topics of a connector', () => {
    const statuses = table()
    for (const topic of ['b', 'a']) statuses.take({ kind: 'topic', connector: 'c', topic, isActive: true })
    expect([statuses.topics('c'), statuses.topics('d')]).toEqual([['a', 'b'], []])
    statuses.take({ kind: 'topic', connector: 'c', topic: 'b', isActive: false })
    expect([statuses.topics('c'), statuses.hasTopic('c', 'b')]).toEqual([['a'], false])
  })

  it.each([
    ['nothing is known', undefined, true],
    ['it is our own', status('RUNNING', 9, 'me'), true],
    ['it is older', status('RUNNING', 5, 'other'), true],
    ['another worker wrote it in a later generation', status('RUNNING', 6, 'other'), false]
  ])('may be overwritten at generation 5: %s', (_, known, isSafe) => {
    expect(isSafeToPut(status('UNASSIGNED', 5, 'me'), known)).toBe(isSafe)
  })
})
