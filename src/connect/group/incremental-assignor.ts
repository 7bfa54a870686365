import { type Clock } from '../../base/clock.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type AssignmentResult, type AssignmentRound, type Assignor } from './assignor.ts'
import { dealOut, surplusOf } from './load-balancing.ts'
import { LostWork } from './lost-work.ts'
import { WorkSet, compareText, workKinds } from './work-set.ts'

export interface IncrementalAssignorOptions {
  /** scheduled.rebalance.max.delay.ms */
  readonly maxDelayMs: number
  /**
   * All connectors go to the leader and stay there, also lost ones, at once; tasks are balanced as ever. For groups whose
   * workers cannot hand task configs to each other. A member that joined with connectors, from a leader of another kind, is
   * told once to revoke them, as it would be for balance, and joins again without them: nothing is left to revoke then.
   */
  readonly keepConnectorsAtLeader: boolean
  readonly clock: Clock
}

const backoffFactor = 40

/**
 * Incremental cooperative rebalancing (spec 3.5), as leader of a group. Members keep what they run through a rebalance; what
 * is to move is first revoked in one round, and handed out in the next, when its owner has joined without it. So nothing
 * ever runs twice. Between rounds it remembers what it handed out: that tells new work from lost work.
 */
export class IncrementalAssignor implements Assignor {
  readonly #options: IncrementalAssignorOptions
  readonly #lostWork: LostWork
  /** Handed out by the last round, and lost work that waits. */
  #previous = new WorkSet()
  #previousRevoked = new WorkSet()
  #previousGeneration = -1
  #previousMembers: ReadonlySet<string> = new Set()
  #hasRevoked = false
  /** Rounds that wanted to revoke right after one that did. */
  #successiveRevocations = 0

  constructor(options: IncrementalAssignorOptions) {
    this.#options = options
    this.#lostWork = new LostWork(options)
  }

  assign(round: AssignmentRound): AssignmentResult {
    const { configured, leaderId } = round
    const current = sortedByMember(round.current)
    const active = WorkSet.union(current.values())
    this.#recall(round, active)
    // What others left running counts too: a new leader has handed out nothing yet, and must not keep what was deleted meanwhile.
    const deleted = this.#previous.plus(active).minus(configured)
    const gone = deleted.plus(duplicatesOf(current))
    const lost = this.#previous.minus(active, deleted)
    const created = configured.minus(this.#previous, active)
    const next = mapLoads(current, (load) => load.minus(gone))
    const revoked = mapLoads(current, (load) => load.intersection(gone))
    const atLeader = this.#options.keepConnectorsAtLeader ? leaderId : undefined
    const waiting = new WorkSet(atLeader === undefined ? lost : lost.ofKind('task'))
    const reassign = this.#settleLost(waiting, next)
    if (this.#lostWork.delayMs === 0) {
      const balance = this.#balance(next, configured, atLeader)
      if (this.#mayRevoke(balance)) for (const [memberId, work] of balance) addAll(revoked.get(memberId), work)
    } else {
      this.#hasRevoked = false
    }
    const fresh = WorkSet.union([created, reassign, lost.minus(waiting)])
    for (const kind of workKinds) {
      if (kind === 'connector' && atLeader !== undefined) addAll(next.get(atLeader), fresh.ofKind(kind))
      else dealOut(kind, fresh.ofKind(kind), next)
    }
    return this.#remember(round, { current, next, revoked, lost })
  }

  #recall({ lastCompletedGeneration }: AssignmentRound, active: WorkSet): void {
    // Another leader assigned meanwhile, or what this one assigned never arrived.
    if (this.#previousGeneration !== lastCompletedGeneration) this.#previous = new WorkSet()
    // A member did not do as it was told: what it still runs is neither free nor lost.
    if (this.#previousRevoked.intersection(active).size > 0) this.#previous = active
    this.#previousRevoked = new WorkSet()
  }

  #settleLost(lost: WorkSet, next: Map<string, WorkSet>): WorkSet {
    const { reassign, isDelayOver } = this.#lostWork.settle({
      lost,
      loads: next,
      previousMembers: this.#previousMembers,
      hasRevoked: this.#hasRevoked
    })
    if (isDelayOver) this.#hasRevoked = false
    return reassign
  }

  /** What each member should give up so that all hold their share. */
  #balance(next: Map<string, WorkSet>, configured: WorkSet, atLeader: string | undefined): Map<string, WorkSet> {
    const balance = new Map<string, WorkSet>()
    for (const kind of workKinds) {
      const surplus =
        kind === 'connector' && atLeader !== undefined
          ? connectorsElsewhere(next, atLeader)
          : surplusOf(kind, next, configured.ofKind(kind).length)
      for (const [memberId, work] of surplus) {
        balance.set(memberId, (balance.get(memberId) ?? new WorkSet()).plus(work))
      }
    }
    return balance
  }

  /** Revocations for balance in successive rounds come ever more slowly: a group whose members come and go is to do some work too. */
  #mayRevoke(balance: ReadonlyMap<string, WorkSet>): boolean {
    if (balance.size === 0) {
      if (this.#hasRevoked) this.#successiveRevocations = 0
      this.#hasRevoked = false
      return false
    }
    if (!this.#hasRevoked) {
      this.#hasRevoked = true
      return true
    }
    this.#successiveRevocations += 1
    const delayMs = Math.min(this.#options.maxDelayMs, backoffFactor ** this.#successiveRevocations)
    if (delayMs === 0) return true
    this.#lostWork.delay(delayMs)
    return false
  }

  #remember(
    round: AssignmentRound,
    work: Readonly<Record<'current' | 'next' | 'revoked', ReadonlyMap<string, WorkSet>>> & { readonly lost: WorkSet }
  ): AssignmentResult {
    const members = [...work.next].map(([memberId, load]) => {
      const revoked = work.revoked.get(memberId) ?? new WorkSet()
      const assigned = load.minus(work.current.get(memberId) ?? new WorkSet())
      return [memberId, { assigned, revoked, owned: load.minus(revoked) }] as const
    })
    this.#previousRevoked = WorkSet.union(work.revoked.values())
    this.#previous = WorkSet.union(work.next.values()).minus(this.#previousRevoked).plus(work.lost)
    this.#previousGeneration = round.generation
    this.#previousMembers = new Set(work.next.keys())
    return { members: new Map(members), delayMs: this.#lostWork.delayMs }
  }
}

function sortedByMember(loads: ReadonlyMap<string, WorkSet>): Map<string, WorkSet> {
  return new Map([...loads].sort(([a], [b]) => compareText(a, b)))
}

function mapLoads(loads: ReadonlyMap<string, WorkSet>, change: (load: WorkSet) => WorkSet): Map<string, WorkSet> {
  return new Map([...loads].map(([memberId, load]) => [memberId, change(load)]))
}

/** What more than one member says that it runs: nobody may keep it. */
function duplicatesOf(loads: ReadonlyMap<string, WorkSet>): WorkSet {
  const seen = new WorkSet()
  const duplicates = new WorkSet()
  for (const load of loads.values()) {
    for (const item of load) (seen.has(item) ? duplicates : seen).add(item)
  }
  return duplicates
}

function connectorsElsewhere(loads: ReadonlyMap<string, WorkSet>, leaderId: string): Map<string, WorkSet> {
  const elsewhere = new Map<string, WorkSet>()
  for (const [memberId, load] of loads) {
    const connectors = load.ofKind('connector')
    if (memberId !== leaderId && connectors.length > 0) elsewhere.set(memberId, new WorkSet(connectors))
  }
  return elsewhere
}

function addAll(to: WorkSet | undefined, items: Iterable<ConnectorTaskId>): void {
  for (const item of items) to?.add(item)
}
