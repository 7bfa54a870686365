import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { MirrorRoute, type RouteServices, type RouteStatus } from './mirror-route.ts'
import { type RouteConfig } from './route-config.ts'

/** All routes of a process. */
export class MirrorMaker {
  readonly #logger: Logger
  readonly #routes: readonly MirrorRoute[]
  #stopped: Promise<void> | undefined

  constructor(routes: readonly RouteConfig[], services: RouteServices) {
    this.#logger = services.logger
    this.#routes = routes.map((route) => new MirrorRoute(route, services))
  }

  /**
   * Resolves when every route mirrors; clusters that are away are waited for.
   * @throws MirrorError when a route must not or cannot start; the others are stopped then
   */
  async start(): Promise<void> {
    try {
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

  /** Resolves to the error that ended a route's worker for good; not while all go on, nor after a stop. */
  async failure(): Promise<Error> {
    return await new Promise<Error>((resolve) => {
      for (const route of this.#routes) {
        void route.done.then((error) => {
          if (error !== undefined) resolve(error)
        })
      }
    })
  }

  /** Stops polling, drains, stores positions. Later calls wait for the first; it never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll()
    return this.#stopped
  }

  async #stopAll(): Promise<void> {
    await Promise.all(
      this.#routes.map(async (route) => {
        try {
          await route.stop()
        } catch (thrown) {
          this.#logger.warn({ route: route.name, err: asError(thrown) }, 'The route did not stop cleanly')
        }
      })
    )
  }
}
