import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { unknownConnector } from './connector-requests.ts'
import { type ConnectorOffset } from './herder.ts'
import { type HerderContext } from './herder-context.ts'
import { RequestError } from './request-error.ts'

/** Requests that read or change stored source positions (spec 6.4). */
export class OffsetRequests {
  readonly #context: HerderContext

  constructor(context: HerderContext) {
    this.#context = context
  }

  async read(name: string): Promise<readonly ConnectorOffset[]> {
    const { config, offsets } = this.#context.options.stores
    if (config.snapshot().connectorConfig(name) === undefined) throw unknownConnector(name)
    return await offsets.connectorOffsets(name)
  }

  async alter(name: string, offsets: readonly ConnectorOffset[]): Promise<string> {
    if (offsets.length === 0) throw new RequestError('badRequest', 'No offsets are given')
    await this.#context.queue.submit(async () => {
      await this.#write(name, await this.#requireStopped(name), offsets)
    })
    return `The offsets of connector ${name} have been altered`
  }

  /** Forgets all that is stored. */
  async reset(name: string): Promise<string> {
    const { stores } = this.#context.options
    await this.#context.queue.submit(async () => {
      const plugin = await this.#requireStopped(name)
      const stored = await stores.offsets.connectorOffsets(name)
      const forgotten = stored.map(({ partition }) => ({ partition, offset: null }))
      if (forgotten.length > 0) await this.#write(name, plugin, forgotten)
    })
    return `The offsets of connector ${name} have been reset`
  }

  async #write(name: string, plugin: SourceConnectorPlugin, offsets: readonly ConnectorOffset[]): Promise<void> {
    const checks = offsets.map(({ partition, offset }) => plugin.checkOffset(partition, offset))
    const problems = (await Promise.all(checks)).filter((problem) => problem !== undefined)
    if (problems.length > 0) throw new RequestError('badRequest', problems.join('\n'))
    try {
      await this.#context.options.stores.offsets.alter(name, offsets)
    } catch (thrown) {
      if (thrown instanceof RangeError) throw new RequestError('badRequest', thrown.message, { cause: thrown })
      throw thrown
    }
  }

  /** Positions may change only while no task could write its own beside it. */
  async #requireStopped(name: string): Promise<SourceConnectorPlugin> {
    const { membership, worker, options } = this.#context
    const { stores, settings, plugins } = options
    membership.requireStable()
    membership.requireLeader('change stored offsets')
    await stores.config.refresh(settings['worker.sync.timeout.ms'])
    const snapshot = stores.config.snapshot()
    const config = snapshot.connectorConfig(name)
    if (config === undefined) throw unknownConnector(name)
    if (snapshot.targetState(name) !== 'STOPPED' || snapshot.taskCount(name) !== 0) {
      throw new RequestError('badRequest', `Connector ${name} must be stopped before its offsets are changed`)
    }
    const className = worker.resolve(config)['connector.class'] ?? ''
    const plugin = plugins.findConnector(className)
    if (plugin === undefined)
      throw new RequestError('internal', `The class ${className} of connector ${name} is unknown`)
    return plugin
  }
}
