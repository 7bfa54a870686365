import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type StatusRecord } from './status-records.ts'
import { type StoredStatus } from './status-store.ts'

interface ConnectorEntry {
  status: StoredStatus | undefined
  readonly tasks: Map<number, StoredStatus>
  readonly topics: Set<string>
}

/** What the status topic has said so far. */
export class StatusTable {
  readonly #entries = new Map<string, ConnectorEntry>()

  take(record: StatusRecord): void {
    if (record.kind === 'connector') this.#takeConnector(record.connector, record.status)
    else if (record.kind === 'task') this.#takeTask(record.id, record.status)
    else if (record.isActive) this.#entry(record.connector).topics.add(record.topic)
    else this.#entry(record.connector).topics.delete(record.topic)
  }

  connector(name: string): StoredStatus | undefined {
    return this.#entries.get(name)?.status
  }

  task({ connector, task }: ConnectorTaskId): StoredStatus | undefined {
    return this.#entries.get(connector)?.tasks.get(task)
  }

  tasks(connector: string): (StoredStatus & { readonly id: ConnectorTaskId })[] {
    const tasks = [...(this.#entries.get(connector)?.tasks ?? [])].sort(([a], [b]) => a - b)
    return tasks.map(([task, status]) => ({ ...status, id: { connector, task } }))
  }

  connectors(): string[] {
    return [...this.#entries].filter(([, { status }]) => status !== undefined).map(([name]) => name)
  }

  topics(connector: string): string[] {
    return [...(this.#entries.get(connector)?.topics ?? [])].sort()
  }

  hasTopic(connector: string, topic: string): boolean {
    return this.#entries.get(connector)?.topics.has(topic) === true
  }

  #takeConnector(connector: string, status: StoredStatus | null): void {
    const entry = this.#entry(connector)
    entry.status = status ?? undefined
    if (status === null) entry.tasks.clear()
  }

  #takeTask({ connector, task }: ConnectorTaskId, status: StoredStatus | null): void {
    const { tasks } = this.#entry(connector)
    const cached = tasks.get(task)
    // Worker 1 gives a task up, worker 2 starts it, and only then 1's farewell arrives: it still runs on 2.
    const isStale =
      status?.state === 'UNASSIGNED' && cached?.state === 'RUNNING' && cached.generation >= status.generation
    if (status === null) tasks.delete(task)
    else if (!isStale) tasks.set(task, status)
  }

  #entry(connector: string): ConnectorEntry {
    let entry = this.#entries.get(connector)
    if (entry === undefined) {
      entry = { status: undefined, tasks: new Map(), topics: new Set() }
      this.#entries.set(connector, entry)
    }
    return entry
  }
}

/** Whether a status may be put in the place of the one that is known, when it must not overwrite a newer owner's. */
export function isSafeToPut(status: StoredStatus, known: StoredStatus | undefined): boolean {
  return known === undefined || known.workerId === status.workerId || known.generation <= status.generation
}
