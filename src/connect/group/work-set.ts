import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type WorkItems } from './worker-group.ts'

/** Stands for the connector itself where a task number is expected: the group protocol's own convention. */
export const connectorItself = -1

export type WorkKind = 'connector' | 'task'

/** Connectors first: their tasks are dealt out after them. */
export const workKinds: readonly WorkKind[] = ['connector', 'task']

/** A set of connectors and tasks, iterated by connector name (code units, as Java compares) and number. */
export class WorkSet {
  readonly #items = new Map<string, ConnectorTaskId>()

  constructor(items: Iterable<ConnectorTaskId> = []) {
    for (const item of items) this.add(item)
  }

  static from({ connectors, tasks }: WorkItems): WorkSet {
    return new WorkSet([...connectors.map((connector) => ({ connector, task: connectorItself })), ...tasks])
  }

  static union(sets: Iterable<WorkSet>): WorkSet {
    const union = new WorkSet()
    for (const set of sets) for (const item of set) union.add(item)
    return union
  }

  get size(): number {
    return this.#items.size
  }

  *[Symbol.iterator](): Iterator<ConnectorTaskId> {
    yield* [...this.#items.values()].sort(compareItems)
  }

  has(item: ConnectorTaskId): boolean {
    return this.#items.has(taskIdText(item))
  }

  add(item: ConnectorTaskId): void {
    this.#items.set(taskIdText(item), item)
  }

  ofKind(kind: WorkKind): ConnectorTaskId[] {
    return [...this].filter((item) => kindOf(item) === kind)
  }

  plus(other: WorkSet): WorkSet {
    return WorkSet.union([this, other])
  }

  minus(...others: readonly WorkSet[]): WorkSet {
    return new WorkSet([...this].filter((item) => !others.some((other) => other.has(item))))
  }

  intersection(other: WorkSet): WorkSet {
    return new WorkSet([...this].filter((item) => other.has(item)))
  }

  toItems(): WorkItems {
    return { connectors: this.ofKind('connector').map(({ connector }) => connector), tasks: this.ofKind('task') }
  }
}

function kindOf(item: ConnectorTaskId): WorkKind {
  return item.task === connectorItself ? 'connector' : 'task'
}

function compareItems(a: ConnectorTaskId, b: ConnectorTaskId): number {
  return compareText(a.connector, b.connector) || a.task - b.task
}

/** By code units, as Java compares. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
