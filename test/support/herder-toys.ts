import { type Clock } from '../../src/base/clock.ts'
import { deferred } from '../../src/base/deferred.ts'
import { MirrorError } from '../../src/base/errors.ts'
import { Wakeup } from '../../src/base/wakeup.ts'
import { type ConnectorConfig, type TargetState } from '../../src/connect/connector-config.ts'
import { type ConnectorTaskId, taskIdText } from '../../src/connect/connector-task-id.ts'
import {
  type WorkerAssignment,
  type WorkerGroup,
  type WorkerGroupCallbacks,
  type WorkItems
} from '../../src/connect/group/worker-group.ts'
import { type RunState, type StatusStore } from '../../src/connect/storage/status-store.ts'
import { type TaskStart, type Worker } from '../../src/connect/worker/worker.ts'

const nothing: WorkItems = { connectors: [], tasks: [] }

/** A group of one member: what the configs hold is all its own. A test may change what a join brings. */
export class SoloGroup implements WorkerGroup {
  readonly memberId = 'solo'
  readonly protocol = 'sessioned'
  readonly leaseEndsAt = Infinity
  readonly rejoins: string[] = []
  readonly leaves: string[] = []
  isClosed = false
  /** Of each join. */
  changes: Partial<WorkerAssignment> = {}
  isRejoinNeeded = true
  #assignment: WorkerAssignment | undefined
  #generation = 0
  readonly #callbacks: WorkerGroupCallbacks
  readonly #events: Wakeup

  constructor(callbacks: WorkerGroupCallbacks, clock: Clock) {
    this.#callbacks = callbacks
    this.#events = new Wakeup(clock)
  }

  async ensureMember(): Promise<WorkerAssignment> {
    if (!this.isRejoinNeeded && this.#assignment !== undefined) return this.#assignment
    this.isRejoinNeeded = false
    const snapshot = this.#callbacks.configSnapshot()
    const tasks = snapshot.connectors.flatMap((name) => snapshot.tasks(name))
    const owned = { connectors: snapshot.connectors, tasks }
    const before = this.#assignment?.owned ?? nothing
    const kept = new Set([...owned.connectors, ...tasks.map(taskIdText)])
    const revoked = {
      connectors: before.connectors.filter((name) => !kept.has(name)),
      tasks: before.tasks.filter((id) => !kept.has(taskIdText(id)))
    }
    await this.#callbacks.revoke(revoked)
    this.#generation += 1
    this.#assignment = {
      ...{ isConfigMismatch: false, generation: this.#generation, isLeader: true, leaderId: 'solo' },
      ...{ leaderUrl: 'NOTUSED', configOffset: snapshot.offset, owned, revoked, delayMs: 0 },
      ...this.changes
    }
    return this.#assignment
  }

  async waitForEvent(timeoutMs: number): Promise<void> {
    if (!this.isRejoinNeeded) await this.#events.wait(timeoutMs)
  }

  wake(): void {
    this.#events.notify()
  }

  requestRejoin(reason: string): void {
    this.rejoins.push(reason)
    this.isRejoinNeeded = true
    this.wake()
  }

  leave(reason: string): Promise<void> {
    this.leaves.push(reason)
    this.isRejoinNeeded = true
    return Promise.resolve()
  }

  loseMembership(): Promise<void> {
    this.isRejoinNeeded = true
    this.#assignment = undefined
    return this.#callbacks.revokeAll('the coordinator is away')
  }

  /** As after having been thrown out: the next join is that of another member, which keeps what it had. */
  async takeUpAgain(): Promise<void> {
    await this.#callbacks.takeUpAgain(this.#assignment?.owned ?? nothing)
    this.requestRejoin('a new member')
  }

  ownerUrl(): undefined {
    return undefined
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

/** A worker that only notes what it is told. A connector has as many tasks as its key `tasks` says. */
export class ToyWorker implements Worker {
  readonly workerId = 'toy'
  readonly log: string[] = []
  /** Connectors that fail at start. */
  readonly failing = new Set<string>()
  /** Tasks that others have run meanwhile. */
  readonly overtaken = new Set<string>()
  /** Connectors whose start hangs. */
  readonly hanging = new Set<string>()
  readonly #status: Pick<StatusStore, 'putConnector' | 'putTask'>
  readonly #connectors = new Map<string, RunState>()
  readonly #tasks = new Map<string, ConnectorTaskId>()
  #generation = -1

  constructor(status: Pick<StatusStore, 'putConnector' | 'putTask'>) {
    this.#status = status
  }

  get connectors(): readonly string[] {
    return [...this.#connectors.keys()]
  }

  get tasks(): readonly ConnectorTaskId[] {
    return [...this.#tasks.values()]
  }

  isRunning(connector: string): boolean {
    return this.#connectors.has(connector)
  }

  async startConnector(name: string, _config: ConnectorConfig, target: TargetState): Promise<RunStateReached> {
    this.log.push(`start ${name}`)
    this.#connectors.set(name, 'UNASSIGNED')
    if (this.hanging.has(name)) await deferred().promise
    const state = this.failing.has(name) ? 'FAILED' : target === 'STARTED' ? 'RUNNING' : target
    this.#setConnector(name, state)
    return state
  }

  stopConnectors(names: readonly string[]): Promise<void> {
    for (const name of names) if (this.#connectors.delete(name)) this.log.push(`stop ${name}`)
    return Promise.resolve()
  }

  startTask(id: ConnectorTaskId, { taskConfig }: TaskStart): void {
    this.log.push(`start ${taskIdText(id)} ${taskConfig['share'] ?? ''}`)
    this.#tasks.set(taskIdText(id), id)
    this.setTask(id, 'RUNNING')
  }

  stopTasks(ids: readonly ConnectorTaskId[]): Promise<void> {
    for (const id of ids) if (this.#tasks.delete(taskIdText(id))) this.log.push(`stop ${taskIdText(id)}`)
    return Promise.resolve()
  }

  overtakenTasks(ids: readonly ConnectorTaskId[]): Promise<readonly ConnectorTaskId[]> {
    return Promise.resolve(ids.filter((id) => this.overtaken.has(taskIdText(id))))
  }

  setTargetState(connector: string, state: TargetState): Promise<void> {
    this.log.push(`${connector} to ${state}`)
    this.#setConnector(connector, state === 'STARTED' ? 'RUNNING' : state)
    return Promise.resolve()
  }

  taskConfigs(name: string, config: ConnectorConfig): Promise<readonly ConnectorConfig[]> {
    if (this.#connectors.get(name) !== 'RUNNING') {
      return Promise.reject(new MirrorError('MIRROR_REQUEST', `${name} is not started`))
    }
    const share = config['share'] ?? 'all'
    return Promise.resolve(Array.from({ length: Number(config['tasks']) }, () => ({ share })))
  }

  resolve(config: ConnectorConfig): ConnectorConfig {
    return config
  }

  setGeneration(generation: number): void {
    this.#generation = generation
  }

  setLease(): void {
    // Nothing is written.
  }

  async stop(): Promise<void> {
    await this.stopConnectors(this.connectors)
    await this.stopTasks(this.tasks)
  }

  setTask(id: ConnectorTaskId, state: RunState): void {
    this.#status.putTask(id, this.#stored(state), 'plain')
  }

  #setConnector(name: string, state: RunState): void {
    this.#connectors.set(name, state)
    this.#status.putConnector(name, this.#stored(state), 'plain')
  }

  #stored(state: RunState): Parameters<StatusStore['putTask']>[1] {
    return { state, trace: null, workerId: this.workerId, generation: this.#generation, version: null }
  }
}

type RunStateReached = Awaited<ReturnType<Worker['startConnector']>>
