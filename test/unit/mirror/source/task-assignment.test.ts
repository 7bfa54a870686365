import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { assignTasks, parseAssignedPartitions } from '../../../../src/mirror/source/task-assignment.ts'

const partition = fc.record({
  topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/),
  partition: fc.nat(2 ** 31 - 1)
})
const partitions = fc.uniqueArray(partition, { selector: (each) => `${each.topic}-${each.partition}` })

describe('task assignment', () => {
  it('gives every partition to exactly one task, as evenly as can be, and reads it back', () => {
    fc.assert(
      fc.property(partitions, fc.integer({ min: 1, max: 8 }), (all, maxTasks) => {
        const tasks = assignTasks({ name: 'x' }, all, maxTasks).map(parseAssignedPartitions)
        expect(tasks).toHaveLength(Math.min(maxTasks, all.length))
        const key = (each: { topic: string; partition: number }): string => `${each.topic}-${each.partition}`
        expect(tasks.flat().map(key).sort()).toEqual(all.map(key).sort())
        const sizes = tasks.map((task) => task.length)
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      })
    )
  })

  it('splits at the last dash, and drops blanks and duplicates', () => {
    expect(parseAssignedPartitions({ 'task.assigned.partitions': 'a-b-3 , a-b-3,c--0' })).toEqual([
      { topic: 'a-b', partition: 3 },
      { topic: 'c-', partition: 0 }
    ])
  })

  it.each(['', 'orders', 'orders-', '-1', 'orders-1,', 'orders-x'])('refuses %j', (text) => {
    expect(() => parseAssignedPartitions({ 'task.assigned.partitions': text })).toThrow(MirrorError)
  })
})
