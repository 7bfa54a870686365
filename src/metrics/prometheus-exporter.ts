import { collectDefaultMetrics, Registry } from 'prom-client'
import { type MetricRegistry } from './metric-registry.ts'
import { scrape } from './scrape.ts'

/** What `/metrics` answers: the registry's series, and the process's own as prom-client collects and names them. */
export class PrometheusExporter {
  /** Text format 0.0.4. */
  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #registry: MetricRegistry
  readonly #process = new Registry()

  /** Begins to watch the event loop and the garbage collector: one for a process. */
  constructor(registry: MetricRegistry) {
    this.#registry = registry
    collectDefaultMetrics({ register: this.#process })
  }

  async *scrape(): AsyncGenerator<string, void> {
    yield await this.#process.metrics()
    yield* scrape(this.#registry)
  }
}
