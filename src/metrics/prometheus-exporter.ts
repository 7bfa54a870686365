// `import { type }` would still load the module.
import type { Registry } from 'prom-client'
import { type MetricRegistry } from './metric-registry.ts'
import { scrape } from './scrape.ts'

/**
 * How often the event loop is looked at for `nodejs_eventloop_lag_*`, whose values contain this time. prom-client's own 10 ms wake
 * an idle process a hundred times a second: 1 % of a core (measured), more than all routes at rest.
 */
const eventLoopMonitoringPrecision = 100

/** What `/metrics` answers: the registry's series, and the process's own as prom-client collects and names them. */
export class PrometheusExporter {
  /** Text format 0.0.4. */
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #registry: MetricRegistry
  #process: Promise<Registry> | undefined

  constructor(registry: MetricRegistry) {
    this.#registry = registry
  }

  async *scrape(): AsyncGenerator<string, void> {
    this.#process ??= watchProcess()
    yield await (await this.#process).metrics()
    yield* scrape(this.#registry)
  }
}

/** From the first scrape on: who is never scraped neither loads this nor has its timers and observers. */
async function watchProcess(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision })
  return register
}
