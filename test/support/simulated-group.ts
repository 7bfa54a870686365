/** A Connect group without brokers: its members report, the leader's assignor assigns, the members do as they are told. */
import { type AssignmentResult, type Assignor } from '../../src/connect/group/assignor.ts'
import { WorkSet, connectorItself, workKinds } from '../../src/connect/group/work-set.ts'

interface SimulatedMember {
  readonly id: string
  readonly assignor: Assignor
  running: WorkSet
  lastCompletedGeneration: number
}

export interface RoundOutcome {
  readonly delayMs: number
  readonly revokedCount: number
  readonly result: AssignmentResult
}

export class SimulatedGroup {
  readonly members = new Map<string, SimulatedMember>()
  leaderId = ''
  configured = new WorkSet()
  #generation = 0
  #ids = 0
  readonly #createAssignor: () => Assignor

  constructor(createAssignor: () => Assignor) {
    this.#createAssignor = createAssignor
  }

  /** `connectors` of `tasks` each; those that are gone are deleted. */
  configure(connectors: readonly string[], tasks: number): void {
    this.configured = new WorkSet(
      connectors.flatMap((connector) => {
        return Array.from({ length: tasks + 1 }, (_, index) => ({ connector, task: index + connectorItself }))
      })
    )
  }

  /** Returns the id; the first one leads. */
  join(): string {
    const id = `m-${String(this.#ids++).padStart(3, '0')}`
    const member = { id, assignor: this.#createAssignor(), running: new WorkSet(), lastCompletedGeneration: -1 }
    this.members.set(id, member)
    if (this.members.size === 1) this.leaderId = id
    return id
  }

  /** It is gone with all that it ran; the next one leads if it led. */
  remove(id: string): void {
    this.members.delete(id)
    if (this.leaderId === id) this.leaderId = [...this.members.keys()][0] ?? ''
  }

  /** One rebalance. Throws where something would run twice. Those of `deaf` never get their assignment. */
  rebalance(deaf: ReadonlySet<string> = new Set()): RoundOutcome {
    const leader = this.members.get(this.leaderId)
    if (leader === undefined) throw new Error('a group without members')
    this.#generation += 1
    const result = leader.assignor.assign({
      leaderId: leader.id,
      configured: this.configured,
      current: new Map([...this.members.values()].map(({ id, running }) => [id, running])),
      generation: this.#generation,
      lastCompletedGeneration: leader.lastCompletedGeneration
    })
    this.#checkNothingRunsTwice(result)
    let revokedCount = 0
    for (const member of this.members.values()) {
      const work = result.members.get(member.id)
      if (work === undefined) throw new Error(`${member.id} got no assignment`)
      revokedCount += work.revoked.size
      if (deaf.has(member.id)) continue
      member.running = member.running.minus(work.revoked).plus(work.assigned)
      member.lastCompletedGeneration = this.#generation
    }
    return { delayMs: result.delayMs, revokedCount, result }
  }

  /** Sorted counts of connectors and of tasks that the members run. */
  counts(): { connectors: number[]; tasks: number[] } {
    const [connectors = [], tasks = []] = workKinds.map((kind) => {
      return [...this.members.values()].map(({ running }) => running.ofKind(kind).length).sort((a, b) => a - b)
    })
    return { connectors, tasks }
  }

  running(id: string): WorkSet {
    return this.members.get(id)?.running ?? new WorkSet()
  }

  /** Who runs an item, by id. */
  ownersOf(item: { readonly connector: string; readonly task: number }): string[] {
    return [...this.members.values()].filter(({ running }) => running.has(item)).map(({ id }) => id)
  }

  #checkNothingRunsTwice(result: AssignmentResult): void {
    for (const [id, { assigned }] of result.members) {
      for (const item of assigned) {
        const others = this.ownersOf(item).filter((owner) => owner !== id)
        if (others.length === 0) continue
        throw new Error(`${item.connector}/${String(item.task)} goes to ${id} while ${others.join()} runs it`)
      }
    }
    const handedOut = [...result.members.values()].flatMap(({ assigned }) => [...assigned])
    if (new WorkSet(handedOut).size !== handedOut.length) throw new Error('the same item goes to two members')
  }
}
