import { collectDefaultMetrics, Registry } from 'prom-client'

/** `Content-Type` of a scrape. */
export const scrapeContentType: string = Registry.PROMETHEUS_CONTENT_TYPE

/** CPU, memory, event loop and garbage collection of the process, as prom-client names them. */
export class ProcessMetrics {
  readonly #registry = new Registry()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** In the text format of `scrape`. */
  async scrape(): Promise<string> {
    return await this.#registry.metrics()
  }
}
