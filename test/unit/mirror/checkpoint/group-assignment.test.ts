import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignGroups, parseAssignedGroups } from '../../../../src/mirror/checkpoint/group-assignment.ts'

const groups = fc.uniqueArray(fc.string({ unit: 'binary' })).map((ids) => ids.sort())

describe('group assignment', () => {
  it('gives every group to exactly one task, as evenly as can be, and reads it back, whatever its id', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 8 }), (all, maxTasks) => {
        const tasks = assignGroups({ name: 'x' }, all, maxTasks).map(parseAssignedGroups)
        expect(tasks).toHaveLength(Math.min(maxTasks, all.length))
        expect(tasks.flat()).toEqual(all)
        const sizes = tasks.map((task) => task.length)
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      })
    )
  })

  it("writes the reference's list alone where that can tell the ids", () => {
    expect(assignGroups({ name: 'x' }, ['a', 'b', 'c'], 2)).toEqual([
      { name: 'x', 'task.assigned.groups': 'a,b', 'task.index': '0' },
      { name: 'x', 'task.assigned.groups': 'c', 'task.index': '1' }
    ])
  })

  it('gives a Java task the groups that a list can tell, and itself all of them', () => {
    expect(assignGroups({}, ['a,b', 'c'], 1)).toEqual([
      { 'task.assigned.groups': 'c', 'task.assigned.groups.json': '["a,b","c"]', 'task.index': '0' }
    ])
  })

  it('never leaves the list empty, which Kafka 4.2 and later refuse', () => {
    expect(assignGroups({}, ['a,b'], 1)).toEqual([
      { 'task.assigned.groups': 'a,b', 'task.assigned.groups.json': '["a,b"]', 'task.index': '0' }
    ])
  })

  it('reads the lists of Java tasks, without blanks, duplicates and empty elements', () => {
    expect(parseAssignedGroups({ 'task.assigned.groups': 'a , b,,a' })).toEqual(['a', 'b'])
  })

  it.each<Record<string, string>>([
    {},
    { 'task.assigned.groups': ' , ' },
    { 'task.assigned.groups': 'a', 'task.assigned.groups.json': '[1]' },
    { 'task.assigned.groups': 'a', 'task.assigned.groups.json': '["a"' }
  ])('refuses a task config without usable groups: %j', (config) => {
    expect(() => parseAssignedGroups(config)).toThrow(/let the connector write it again/)
  })
})
