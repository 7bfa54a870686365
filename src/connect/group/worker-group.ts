import { type ConfigSnapshot } from '../storage/config-store.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'

/** Connectors and tasks, as one worker runs them or is told to. */
export interface WorkItems {
  /** Sorted. */
  readonly connectors: readonly string[]
  /** Sorted by connector and number. */
  readonly tasks: readonly ConnectorTaskId[]
}

/** What a completed rebalance gave this worker (spec 3.2, 3.3). */
export interface WorkerAssignment {
  /** True when the leader found that somebody's configs are out of date (error 1): nothing is assigned. */
  readonly isConfigMismatch: boolean
  readonly generation: number
  readonly isLeader: boolean
  readonly leaderId: string
  readonly leaderUrl: string
  /** The config offset everybody must be at. */
  readonly configOffset: bigint
  /** Everything this worker is to run now: what was assigned, and what it keeps. */
  readonly owned: WorkItems
  /** What this round took away; already stopped when the assignment is handed out. */
  readonly revoked: WorkItems
  /** Not 0: rejoin after this many milliseconds (delayed rebalance). */
  readonly delayMs: number
}

export interface WorkerGroupCallbacks {
  /** Just before a join: the newest configs known. */
  configSnapshot(): ConfigSnapshot
  /** These are to be stopped now; resolves when they are (or abandoned). The rebalance waits for it. */
  revoke(items: WorkItems): Promise<void>
  /**
   * The membership was lost and is back, as another one: others may have done this work meanwhile, and given it up again.
   * What waits to be written from before must not be. `kept` may go on; the lease is back when this resolves.
   */
  takeUpAgain(kept: WorkItems): Promise<void>
  /**
   * All that runs is to be stopped: the group rebalances by the eager protocol. A coordinator that is away, and a membership
   * that is lost, take only the lease away: the worker goes on with what it runs, writes nothing, and joins again with that.
   * (The reference stops its work after heartbeat.interval.ms without a coordinator; whatever was under way repeats there.)
   */
  revokeAll(reason: string): Promise<void>
}

/**
 * Membership in the Connect group. The herder asks for the rejoins that follow an assignment (something was revoked, a
 * delay is over, configs were behind) by `requestRejoin`. The herder's loop drives it: nothing is joined or revoked but inside `ensureMember`.
 * Heartbeats go out on their own, also while the loop is busy, until it has not called `ensureMember` for
 * rebalance.timeout.ms: then the member leaves, as Java's does.
 */
export interface WorkerGroup {
  /**
   * Finds the coordinator, joins where a join is due, and resolves to the newest assignment: the same object as before when
   * there was no rebalance. Undefined when that could not be done within `timeoutMs`, while there is no lease, or on `wake`. Throws only for errors that no retry mends (not authorised, inconsistent protocol).
   */
  ensureMember(timeoutMs: number): Promise<WorkerAssignment | undefined>
  /** Resolves when there is something for the loop to do: a rebalance under way, a heartbeat error, `wake`, or the time is over. */
  waitForEvent(timeoutMs: number): Promise<void>
  /** Ends running waits. */
  wake(): void
  /** The next `ensureMember` joins again. */
  requestRejoin(reason: string): void
  readonly isRejoinNeeded: boolean
  /** Leaves, and ends the lease; the next `ensureMember` joins afresh, with what was assigned before. */
  leave(reason: string): Promise<void>
  /** Empty while it is no member. */
  readonly memberId: string
  /** `sessioned` and the like, as the last completed rebalance chose; undefined before. */
  readonly protocol: 'sessioned' | 'compatible' | 'default' | undefined
  /** While leader: URL of the worker that owns a connector or task; undefined when nobody does. */
  ownerUrl(item: string | ConnectorTaskId): string | undefined
  /**
   * Monotonic time until which the coordinator surely counts this member in: when the last answered heartbeat (or join) was SENT,
   * plus session.timeout.ms; -Infinity while it is no member, and until what it was told by its first assignment is done. After it nothing may be produced or committed (a zombie, resumed after a long stop).
   */
  readonly leaseEndsAt: number
  /** Leaves within `timeoutMs` and ends everything. */
  close(timeoutMs: number): Promise<void>
}
