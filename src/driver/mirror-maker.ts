import { asError } from '../base/errors.ts'
import { deferred } from '../base/deferred.ts'
import { type Logger } from '../base/logger.ts'
import { longestStopMs, MirrorRoute, type RouteServices, type RouteStatus } from './mirror-route.ts'
import { type ProcessRest } from './process-rest.ts'
import { type RouteConfig } from './route-config.ts'

export interface MirrorMakerParts extends Omit<RouteServices, 'rest'> {
  readonly rest: ProcessRest
}

/** All routes of a process, and its REST server. */
export class MirrorMaker {
  readonly #configs: readonly RouteConfig[]
  readonly #parts: MirrorMakerParts
  readonly #logger: Logger
  readonly #failed = deferred<Error>()
  #routes: readonly MirrorRoute[] = []
  #stopped: Promise<void> | undefined

  constructor(configs: readonly RouteConfig[], parts: MirrorMakerParts) {
    this.#configs = configs
    this.#parts = parts
    this.#logger = parts.logger
  }

  /** Resolves to the error that ended a route's worker for good; never while all go on, nor after a stop. */
  get failed(): Promise<Error> {
    return this.#failed.promise
  }

  /** Whoever ends the process waits at least so long for `stop`: what tasks have not stored by then repeats. */
  get longestStopMs(): number {
    return Math.max(0, ...this.#configs.map(longestStopMs))
  }

  /** Base URLs of the public REST API. */
  get restUrls(): readonly string[] {
    return this.#parts.rest.server.publicUrls
  }

  /**
   * Opens the REST listeners and joins the group of every route. Resolves when the routes' internal topics are read;
   * clusters that are away are waited for.
   * @throws MirrorError when a route must not or cannot start; the others are stopped then
   */
  async start(): Promise<void> {
    const { rest } = this.#parts
    try {
      // First: the group is told where this worker is to be reached.
      await rest.server.listen()
      if (this.#stopped !== undefined) return
      this.#routes = this.#configs.map((config) => new MirrorRoute(config, this.#parts))
      for (const route of this.#routes) {
        rest.server.addRoute(route.rest)
        void route.done.then((error) => {
          if (error !== undefined) this.#failed.resolve(error)
        })
      }
      await Promise.all(this.#routes.map((route) => route.start()))
    } catch (thrown) {
      if (this.#stopped !== undefined) return
      await this.stop()
      throw asError(thrown)
    }
  }

  /** State of each route by its name, `A->B`. */
  async status(): Promise<ReadonlyMap<string, RouteStatus>> {
    return new Map(await Promise.all(this.#routes.map(async (route) => [route.name, await route.status()] as const)))
  }

  /** Stops polling, drains, stores positions, leaves the groups. Later calls wait for the first; it never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll()
    return this.#stopped
  }

  async #stopAll(): Promise<void> {
    // At once: the server waits for the answers of herders, and tasks are to drain and store while there is time.
    await Promise.all([
      this.#ended('the REST server', this.#parts.rest.server.close()),
      ...this.#routes.map((route) => this.#ended(route.name, route.stop()))
    ])
  }

  async #ended(what: string, stopping: Promise<void>): Promise<void> {
    try {
      await stopping
    } catch (thrown) {
      this.#logger.warn({ err: asError(thrown) }, `${what} did not stop cleanly`)
    }
  }
}
