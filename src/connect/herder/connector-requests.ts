import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ConfigSnapshot, type ConfigStore } from '../storage/config-store.ts'
import { type ConnectorInfo } from './herder.ts'
import { type HerderContext } from './herder-context.ts'
import { RequestError } from './request-error.ts'

export interface PutOptions {
  readonly mayReplace: boolean
  readonly targetState?: TargetState
}

/** Requests that read or write the configs and target states of connectors (spec 6.1, 4.9). */
export class ConnectorRequests {
  readonly #context: HerderContext
  readonly #config: ConfigStore

  constructor(context: HerderContext) {
    this.#context = context
    this.#config = context.options.stores.config
  }

  info(name: string): ConnectorInfo {
    const snapshot = this.#known(name)
    const config = snapshot.connectorConfig(name) ?? {}
    return { name, config, tasks: snapshot.tasks(name), type: this.type(name) }
  }

  taskConfigs(name: string): readonly { readonly id: ConnectorTaskId; readonly config: ConnectorConfig }[] {
    const snapshot = this.#known(name)
    return snapshot.tasks(name).map((id) => ({ id, config: snapshot.taskConfig(id) ?? {} }))
  }

  /** `unknown` where the connector's class is not one of ours. */
  type(name: string): ConnectorInfo['type'] {
    const className = this.#config.snapshot().connectorConfig(name)?.['connector.class']
    if (className === undefined || className === null) return 'unknown'
    return this.#context.options.plugins.findConnector(className) === undefined ? 'unknown' : 'source'
  }

  /** The config is validated beside the loop: that may ask other clusters. */
  async put(
    name: string,
    config: ConnectorConfig,
    { mayReplace, targetState }: PutOptions
  ): Promise<{ readonly isCreated: boolean; readonly info: ConnectorInfo }> {
    const { membership, queue } = this.#context
    membership.refuseFollower('write connector configs')
    await this.#validate(config)
    return await queue.submit(async () => {
      membership.requireLeader('write connector configs')
      const isCreated = this.#config.snapshot().connectorConfig(name) === undefined
      if (!isCreated && !mayReplace) throw new RequestError('conflict', `Connector ${name} already exists`)
      await this.#config.putConnectorConfig(name, config, targetState)
      return { isCreated, info: this.info(name) }
    })
  }

  async patch(name: string, patch: ConnectorConfig): Promise<ConnectorInfo> {
    const { membership, queue } = this.#context
    const patched = await queue.submit(() => {
      membership.requireLeader('write connector configs')
      const merged = { ...this.#known(name).connectorConfig(name), ...patch }
      return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
    })
    const { info } = await this.put(name, patched, { mayReplace: true })
    return info
  }

  async delete(name: string): Promise<void> {
    await this.#asLeader('delete connectors', async () => {
      this.#known(name)
      await this.#config.removeConnectorConfig(name)
    })
  }

  /** Pauses or resumes. Any worker may: the record alone counts. */
  async setTargetState(name: string, state: 'STARTED' | 'PAUSED'): Promise<void> {
    await this.#context.queue.submit(async () => {
      this.#known(name)
      await this.#config.putTargetState(name, state)
    })
  }

  /** The tasks go first: nobody may see a stopped connector that still has some. */
  async stop(name: string): Promise<void> {
    const { settings } = this.#context.options
    await this.#asLeader('stop connectors', async () => {
      this.#known(name)
      await this.#config.putTaskConfigs(name, [])
      await this.#config.putTargetState(name, 'STOPPED')
      await this.#config.refresh(settings['worker.sync.timeout.ms'])
    })
  }

  /** From the connector's owner; the signature has been verified. */
  async putTaskConfigs(name: string, configs: readonly ConnectorConfig[]): Promise<void> {
    await this.#asLeader('write task configs', async () => {
      const snapshot = this.#known(name)
      if (snapshot.targetState(name) === 'STOPPED' && configs.length > 0) {
        throw new RequestError('badRequest', `Connector ${name} is stopped: it cannot have tasks`)
      }
      await this.#config.putTaskConfigs(name, configs)
    })
  }

  async #asLeader(what: string, action: () => Promise<void>): Promise<void> {
    const { membership, queue } = this.#context
    await queue.submit(async () => {
      membership.requireLeader(what)
      await action()
    })
  }

  async #validate(config: ConnectorConfig): Promise<void> {
    const problems = await this.#context.options.validate(config)
    if (problems.length === 0) return
    const lines = problems.map(({ key, message }) => `${key}: ${message}`)
    throw new RequestError('badRequest', ['The connector config cannot be used:', ...lines].join('\n'))
  }

  /** The newest snapshot; throws for a connector that is not in it. */
  #known(name: string): ConfigSnapshot {
    const snapshot = this.#config.snapshot()
    if (snapshot.connectorConfig(name) === undefined) throw unknownConnector(name)
    return snapshot
  }
}

export function unknownConnector(name: string): RequestError {
  return new RequestError('notFound', `There is no connector ${name}`)
}
