import { type AssignmentResult, type AssignmentRound, type Assignor } from './assignor.ts'
import { WorkSet, compareText } from './work-set.ts'

/**
 * Deals everything out anew each round, in turn: connectors by name, then tasks. Everybody has stopped everything before
 * (spec 3.6). Only for groups with a member that offers nothing better.
 */
export class EagerAssignor implements Assignor {
  readonly #keepConnectorsAtLeader: boolean

  constructor(options: { readonly keepConnectorsAtLeader: boolean }) {
    this.#keepConnectorsAtLeader = options.keepConnectorsAtLeader
  }

  assign({ leaderId, configured, current }: AssignmentRound): AssignmentResult {
    const memberIds = [...current.keys()].sort(compareText)
    const loads = new Map(memberIds.map((memberId) => [memberId, new WorkSet()]))
    let turn = 0
    for (const kind of ['connector', 'task'] as const) {
      for (const item of configured.ofKind(kind)) {
        const isLeaders = kind === 'connector' && this.#keepConnectorsAtLeader
        const memberId = isLeaders ? leaderId : memberIds[turn++ % memberIds.length]
        if (memberId !== undefined) loads.get(memberId)?.add(item)
      }
    }
    const members = [...loads].map(([memberId, owned]) => {
      return [memberId, { assigned: owned, revoked: new WorkSet(), owned }] as const
    })
    return { members: new Map(members), delayMs: 0 }
  }
}
