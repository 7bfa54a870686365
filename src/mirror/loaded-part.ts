import { type SourceConnector } from '../connect/source-connector.ts'
import { type SourceTask } from '../connect/source-task.ts'
import { type MirrorPlugins } from './mirror-plugins.ts'

/**
 * A connector or task that is made when it starts, since its classes are loaded first. The stop may come while they load:
 * whichever of the two comes last then closes what there is.
 */
class LoadedPart<Part extends { stop(): Promise<void> }> {
  readonly #plugins: MirrorPlugins
  readonly #make: (plugins: MirrorPlugins) => Promise<Part>
  #part: Part | undefined
  #isStopped = false

  constructor(plugins: MirrorPlugins, make: (plugins: MirrorPlugins) => Promise<Part>) {
    this.#plugins = plugins
    this.#make = make
  }

  get part(): Part | undefined {
    return this.#part
  }

  /** Undefined when it was stopped meanwhile. Rejects with what `make` rejects with. */
  async load(): Promise<Part | undefined> {
    try {
      this.#part = await this.#make(this.#plugins)
    } catch (thrown) {
      await this.#plugins.close()
      throw thrown
    }
    if (!this.#isStopped) return this.#part
    await this.stop()
    return undefined
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    // Nothing to close yet, or not any more.
    if (this.#part === undefined) return
    await this.#part.stop()
    await this.#plugins.close()
  }
}

/** @param make called by `start`; what it makes need not close the plug-ins */
export function loadedConnector(
  plugins: MirrorPlugins,
  make: (plugins: MirrorPlugins) => Promise<SourceConnector>
): SourceConnector {
  const loaded = new LoadedPart(plugins, make)
  return {
    start: async (context) => {
      await (await loaded.load())?.start(context)
    },
    taskConfigs: (maxTasks) => loaded.part?.taskConfigs(maxTasks) ?? [],
    stop: () => loaded.stop()
  }
}

/** @param make called by `start`; what it makes need not close the plug-ins */
export function loadedTask(plugins: MirrorPlugins, make: (plugins: MirrorPlugins) => Promise<SourceTask>): SourceTask {
  const loaded = new LoadedPart(plugins, make)
  return {
    start: async (context) => {
      await (await loaded.load())?.start(context)
    },
    poll: () => loaded.part?.poll() ?? Promise.resolve([]),
    batchSettled: (batch, runs, refused) => {
      loaded.part?.batchSettled(batch, runs, refused)
    },
    commit: () => loaded.part?.commit() ?? Promise.resolve(),
    stop: () => loaded.stop()
  }
}
