import { expect, it } from 'vitest'
import { EagerAssignor } from '../../../../src/connect/group/eager-assignor.ts'
import { WorkSet, connectorItself } from '../../../../src/connect/group/work-set.ts'

const configured = new WorkSet(
  ['a', 'b', 'c'].flatMap((connector) => [connectorItself, 0, 1].map((task) => ({ connector, task })))
)

it.each([
  ['connectors by name, then tasks', false, { m1: 'a- c- a1 b1 c1', m2: 'b- a0 b0 c0' }],
  ['connectors to the leader, and tasks', true, { m1: 'a0 b0 c0', m2: 'a- b- c- a1 b1 c1' }]
])('deals out %s in turn', (_, keepConnectorsAtLeader, expected) => {
  const round = { leaderId: 'm2', configured, generation: 1, lastCompletedGeneration: -1 }
  const current = new Map(['m2', 'm1'].map((memberId) => [memberId, new WorkSet()]))
  const { members, delayMs } = new EagerAssignor({ keepConnectorsAtLeader }).assign({ ...round, current })
  const dealt = [...members].map(([memberId, { owned }]) => {
    const { connectors, tasks } = owned.toItems()
    const names = [
      ...connectors.map((name) => `${name}-`),
      ...tasks.map(({ connector, task }) => `${connector}${task}`)
    ]
    return [memberId, names.join(' ')]
  })
  expect(Object.fromEntries(dealt)).toEqual(expected)
  expect(delayMs).toBe(0)
})
