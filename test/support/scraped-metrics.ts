import { type MetricRegistry } from '../../src/metrics/metric-registry.ts'
import { scrape } from '../../src/metrics/scrape.ts'
import { parsePrometheusText } from './prometheus-text.ts'

/** Values by series without the prefix: `mirrorlag_lag_records{topic="A.t",…}`; labels `source` and `target` are left out. */
export async function scrapedMetrics(registry: MetricRegistry, prefix: string): Promise<Record<string, number>> {
  let text = ''
  for await (const chunk of scrape(registry)) text += chunk
  const found: Record<string, number> = {}
  for (const { name, labels, value } of text === '' ? [] : parsePrometheusText(text)) {
    if (!name.startsWith(prefix)) continue
    const own = Object.entries(labels).filter(([label]) => label !== 'source' && label !== 'target')
    found[`${name.slice(prefix.length)}{${own.map(([label, of]) => `${label}=${of}`).join()}}`] = value
  }
  return found
}
