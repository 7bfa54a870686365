import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type RestartRequest } from '../storage/config-store.ts'
import { type StatusStore, type StoredStatus } from '../storage/status-store.ts'
import { unknownConnector } from './connector-requests.ts'
import { type ConnectorStatus, type StateInfo } from './herder.ts'
import { type HerderContext } from './herder-context.ts'
import { RequestError } from './request-error.ts'
import { type RestartPlan, planRestart } from './restart-plan.ts'

/** Requests for statuses and restarts (spec 6.1, 6.5). */
export class RestartRequests {
  readonly #context: HerderContext
  readonly #status: StatusStore
  readonly #type: (connector: string) => ConnectorStatus['type']

  constructor(context: HerderContext, type: (connector: string) => ConnectorStatus['type']) {
    this.#context = context
    this.#status = context.options.stores.status
    this.#type = type
  }

  connectorStatus(name: string): ConnectorStatus {
    const connector = this.#status.connector(name)
    if (connector === undefined) throw new RequestError('notFound', `Connector ${name} has no status`)
    const tasks = this.#status.tasks(name).map((task) => ({ id: task.id.task, ...stateInfo(task) }))
    return { name, connector: stateInfo(connector), tasks, type: this.#type(name) }
  }

  taskStatus(id: ConnectorTaskId): StateInfo & { readonly id: number } {
    const status = this.#status.task(id)
    if (status === undefined) throw new RequestError('notFound', `Task ${taskIdText(id)} has no status`)
    return { id: id.task, ...stateInfo(status) }
  }

  /** Restarts the connector alone, at its owner; resolves when it has started. */
  async restartConnector(name: string): Promise<void> {
    const { membership, queue, work } = this.#context
    const { started } = await queue.submit(() => {
      membership.requireStable()
      this.#requireConnector(name)
      membership.requireOwner(name)
      return work.restartConnector(name)
    })
    if (!(await started)) {
      throw new RequestError('internal', `Connector ${name} failed to start: its status says why`)
    }
  }

  async restartTask(id: ConnectorTaskId): Promise<void> {
    const { membership, queue, work, options } = this.#context
    await queue.submit(async () => {
      membership.requireStable()
      this.#requireConnector(id.connector)
      if (options.stores.config.snapshot().taskConfig(id) === undefined) {
        throw new RequestError('notFound', `There is no task ${taskIdText(id)}`)
      }
      membership.requireOwner(id)
      await work.restartTasks([id])
    })
  }

  /** Tells all workers to restart their share; resolves to what the statuses are about to be. */
  async restart(request: RestartRequest): Promise<ConnectorStatus> {
    const { membership, queue, options } = this.#context
    const { connector } = request
    return await queue.submit(async () => {
      membership.requireStable()
      this.#requireConnector(connector)
      membership.requireLeader('restart a connector with its tasks')
      const plan = this.#plan(request)
      if (plan === undefined) throw new RequestError('notFound', `Connector ${connector} has no status`)
      const status = this.connectorStatus(connector)
      await options.stores.config.putRestartRequest(request)
      return asRestarting(status, plan)
    })
  }

  /** This worker's share of a request that was read from the config topic. Runs on the loop. */
  async execute(request: RestartRequest): Promise<void> {
    const { membership, work, options } = this.#context
    const plan = this.#plan(request)
    if (plan === undefined) return
    const { connector } = request
    const { owned } = membership
    const planned = new Set(plan.tasks.map(taskIdText))
    const connectors = plan.restartsConnector && owned.connectors.includes(connector) ? [connector] : []
    const tasks = owned.tasks.filter((id) => planned.has(taskIdText(id)))
    if (connectors.length + tasks.length === 0) return
    options.logger.info({ connectors, tasks: tasks.map(taskIdText) }, 'Restarting on request')
    await work.restartVisibly({ connectors, tasks })
  }

  #plan(request: RestartRequest): RestartPlan | undefined {
    const status = this.#status.connector(request.connector)
    return status === undefined ? undefined : planRestart(request, status, this.#status.tasks(request.connector))
  }

  #requireConnector(name: string): void {
    if (this.#context.options.stores.config.snapshot().connectorConfig(name) === undefined) throw unknownConnector(name)
  }
}

function stateInfo({ state, workerId, version, trace }: StoredStatus): StateInfo {
  return { state, workerId, version, trace }
}

function asRestarting(status: ConnectorStatus, { restartsConnector, tasks }: RestartPlan): ConnectorStatus {
  const planned = new Set(tasks.map(({ task }) => task))
  const restarting = { state: 'RESTARTING', version: null, trace: null } as const
  return {
    ...status,
    connector: restartsConnector ? { ...status.connector, ...restarting } : status.connector,
    tasks: status.tasks.map((task) => (planned.has(task.id) ? { ...task, ...restarting } : task))
  }
}
