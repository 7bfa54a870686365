import { type WorkSet } from './work-set.ts'

/** What the leader of a group knows when it assigns. */
export interface AssignmentRound {
  readonly leaderId: string
  /** Every connector and task that there is to be. */
  readonly configured: WorkSet
  /** What each member says that it runs, by member id. */
  readonly current: ReadonlyMap<string, WorkSet>
  readonly generation: number
  /** Generation of the last rebalance whose assignment reached the leader; -1 when none has. */
  readonly lastCompletedGeneration: number
}

export interface MemberWork {
  /** As the group's protocol sends it: all of it (eager), or what comes in addition (incremental). */
  readonly assigned: WorkSet
  readonly revoked: WorkSet
  /** What the member runs when it has done as it was told. */
  readonly owned: WorkSet
}

export interface AssignmentResult {
  readonly members: ReadonlyMap<string, MemberWork>
  /** After how long all are to join again; 0: no need. */
  readonly delayMs: number
}

export interface Assignor {
  assign(round: AssignmentRound): AssignmentResult
}
