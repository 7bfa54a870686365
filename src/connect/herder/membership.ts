import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type WorkerAssignment, type WorkerGroup, type WorkItems } from '../group/worker-group.ts'
import { ForwardRequestError, RebalanceExpectedError } from './request-error.ts'

const nothing: WorkItems = { connectors: [], tasks: [] }

/** The URL that workers without internal REST give (spec 0.1). */
const noUrl = 'NOTUSED'

/** What the newest assignment says of this worker and its leader, and who must serve which request. */
export class Membership {
  readonly #group: Pick<WorkerGroup, 'isRejoinNeeded' | 'ownerUrl'>
  #assignment: WorkerAssignment | undefined

  constructor(group: Pick<WorkerGroup, 'isRejoinNeeded' | 'ownerUrl'>) {
    this.#group = group
  }

  take(assignment: WorkerAssignment): void {
    this.#assignment = assignment
  }

  lose(): void {
    this.#assignment = undefined
  }

  /** False while there is no assignment. */
  get isLeader(): boolean {
    return this.#assignment?.isLeader === true
  }

  get generation(): number {
    return this.#assignment?.generation ?? -1
  }

  /** Undefined when unknown, or when the leader cannot be reached by REST. */
  get leaderUrl(): string | undefined {
    return usable(this.#assignment?.leaderUrl)
  }

  get owned(): WorkItems {
    return this.#assignment?.owned ?? nothing
  }

  /** Throws ForwardRequestError where an assignment says that another worker leads; without one nobody knows yet. */
  refuseFollower(what: string): void {
    if (this.#assignment !== undefined) this.requireLeader(what)
  }

  /** Throws ForwardRequestError unless this worker leads. `what` completes "Only the leader can ...". */
  requireLeader(what: string): void {
    if (!this.isLeader) throw new ForwardRequestError(`Only the leader of the group can ${what}`, this.leaderUrl)
  }

  /** Throws RebalanceExpectedError while it is known that the assignment is about to change. */
  requireStable(): void {
    if (this.#assignment !== undefined && !this.#group.isRejoinNeeded) return
    throw new RebalanceExpectedError('The group is about to rebalance; send the request again later')
  }

  /** Throws ForwardRequestError unless the item is this worker's: to its owner if this one leads, else to the leader. */
  requireOwner(item: string | ConnectorTaskId): void {
    const { connectors, tasks } = this.owned
    const isOwned =
      typeof item === 'string'
        ? connectors.includes(item)
        : tasks.some(({ connector, task }) => connector === item.connector && task === item.task)
    if (isOwned) return
    const url = this.isLeader ? usable(this.#group.ownerUrl(item)) : this.leaderUrl
    throw new ForwardRequestError('Another worker of the group runs it', url)
  }
}

function usable(url: string | undefined): string | undefined {
  return url === undefined || url === '' || url === noUrl ? undefined : url
}
