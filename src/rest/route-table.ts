import { type RestRoute } from './rest-services.ts'

/** The routes that are served, in the order they were added. */
export class RouteTable {
  readonly #routes = new Map<string, RestRoute>()

  add(route: RestRoute): void {
    this.#routes.set(keyOf(route.source, route.target), route)
  }

  find(source: string, target: string): RestRoute | undefined {
    return this.#routes.get(keyOf(source, target))
  }

  all(): readonly RestRoute[] {
    return [...this.#routes.values()]
  }
}

function keyOf(source: string, target: string): string {
  return JSON.stringify([source, target])
}
