import { MirrorError } from '../../base/errors.ts'
import { type CallLimits, withinLimits } from '../../client/deadline.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { unknownConnector } from './connector-requests.ts'
import { type ConnectorOffset } from './herder.ts'
import { type HerderContext } from './herder-context.ts'
import { RequestError } from './request-error.ts'

/** The loop waits for a change, and a write may wait for a membership that only the loop can bring back: not for ever. */
const changeWithinMs = 30_000

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
      const plugin = await this.#requireStopped(name)
      await this.#write(plugin, this.#limits(name), { name, offsets })
    })
    return `The offsets of connector ${name} have been altered`
  }

  /** Forgets all that is stored. */
  async reset(name: string): Promise<string> {
    const { stores } = this.#context.options
    await this.#context.queue.submit(async () => {
      const plugin = await this.#requireStopped(name)
      const limits = this.#limits(name)
      const stored = await withinLimits(stores.offsets.connectorOffsets(name), limits)
      const forgotten = stored.map(({ partition }) => ({ partition, offset: null }))
      if (forgotten.length > 0) await this.#write(plugin, limits, { name, offsets: forgotten })
    })
    return `The offsets of connector ${name} have been reset`
  }

  async #write(
    plugin: SourceConnectorPlugin,
    limits: CallLimits,
    { name, offsets }: { readonly name: string; readonly offsets: readonly ConnectorOffset[] }
  ): Promise<void> {
    const { stores } = this.#context.options
    const checks = offsets.map(async ({ partition, offset }) => await plugin.checkOffset(partition, offset))
    const problems = (await withinLimits(Promise.all(checks), limits)).filter((problem) => problem !== undefined)
    if (problems.length > 0) throw new RequestError('badRequest', problems.join('\n'))
    try {
      await withinLimits(stores.offsets.alter(name, offsets), limits)
    } catch (thrown) {
      // Later, tasks may run that have positions of their own.
      if (thrown instanceof MirrorError && thrown.code === 'MIRROR_TIMEOUT') await stores.offsets.dropWrites()
      if (thrown instanceof RangeError) throw new RequestError('badRequest', thrown.message, { cause: thrown })
      throw thrown
    }
  }

  #limits(name: string): CallLimits {
    const { clock } = this.#context.options
    const what = `Changing the offsets of connector ${name}`
    return { clock, deadline: clock.monotonic() + changeWithinMs, what }
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
