import { type SourceConnector } from '../source-connector.ts'
import { type SourceTask } from '../source-task.ts'

/**
 * A connector or task that is made when it starts, since its classes are loaded first. The stop may come while they load:
 * whichever of the two comes last then closes what there is.
 */
class PartMadeAtStart<Part extends { stop(): Promise<void> }> {
  readonly #make: () => Promise<Part>
  readonly #close: () => Promise<void>
  #part: Part | undefined
  #isStopped = false

  constructor(make: () => Promise<Part>, close: () => Promise<void>) {
    this.#make = make
    this.#close = close
  }

  get part(): Part | undefined {
    return this.#part
  }

  /** Undefined when it was stopped meanwhile. Rejects with what `make` rejects with. */
  async load(): Promise<Part | undefined> {
    try {
      this.#part = await this.#make()
    } catch (thrown) {
      await this.#close()
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
    await this.#close()
  }
}

const nothingToClose = (): Promise<void> => Promise.resolve()

/**
 * @param make called by `start`
 * @param close called once what was made has stopped, or could not be made
 */
export function connectorMadeAtStart(
  make: () => Promise<SourceConnector>,
  close: () => Promise<void> = nothingToClose
): SourceConnector {
  const made = new PartMadeAtStart(make, close)
  return {
    start: async (context) => {
      await (await made.load())?.start(context)
    },
    taskConfigs: (maxTasks) => made.part?.taskConfigs(maxTasks) ?? [],
    stop: () => made.stop()
  }
}

/** As connectorMadeAtStart. */
export function taskMadeAtStart(
  make: () => Promise<SourceTask>,
  close: () => Promise<void> = nothingToClose
): SourceTask {
  const made = new PartMadeAtStart(make, close)
  return {
    get stopsAtRefusal() {
      return made.part?.stopsAtRefusal ?? false
    },
    start: async (context) => {
      await (await made.load())?.start(context)
    },
    poll: () => made.part?.poll() ?? Promise.resolve([]),
    batchSettled: (batch, runs, refused) => {
      made.part?.batchSettled(batch, runs, refused)
    },
    prepareCommit: () => made.part?.prepareCommit?.() ?? Promise.resolve(),
    commit: () => made.part?.commit() ?? Promise.resolve(),
    stop: () => made.stop(),
    close: () => made.part?.close?.() ?? Promise.resolve()
  }
}
