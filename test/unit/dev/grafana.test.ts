import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dashboard } from '../../../dev/grafana-dashboard.ts'
import { metricGroups } from '../../../dev/metrics-page.ts'
import { MetricRegistry } from '../../../src/metrics/metric-registry.ts'
import { PrometheusExporter } from '../../../src/metrics/prometheus-exporter.ts'
import { prometheusLabel, prometheusName } from '../../../src/metrics/prometheus-text.ts'
import { askedQueries, misfits, rulesFile } from '../../support/grafana-queries.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { parsePrometheusText } from '../../support/prometheus-text.ts'

/** Labels by metric, of the tables and of the process itself. */
async function exported(): Promise<Map<string, ReadonlySet<string>>> {
  const labels = new Map<string, ReadonlySet<string>>()
  for (const { domain, name, tags, sensors, texts } of metricGroups) {
    const own = ['source', 'target', ...tags].map(prometheusLabel)
    const attributes = Object.values(sensors).flatMap((sensor) => Object.keys(sensor.attributes))
    for (const attribute of attributes) labels.set(prometheusName(domain, name, attribute), new Set(own))
    for (const text of Object.keys(texts)) {
      labels.set(prometheusName(domain, name, text), new Set([...own, prometheusLabel(text)]))
    }
  }
  let text = ''
  for await (const chunk of new PrometheusExporter(new MetricRegistry({ clock: new ManualClock() })).scrape()) {
    text += chunk
  }
  for (const { name } of parsePrometheusText(text)) labels.set(name, new Set())
  return labels
}

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined

describe('grafana/', () => {
  it('has the dashboard that npm run docs prints', () => {
    expect(readFileSync(new URL('../../../grafana/dashboard.json', import.meta.url), 'utf8')).toBe(dashboard())
  })

  it('asks only for metrics and labels that there are', async () => {
    const labels = await exported()
    const queries = askedQueries()
    expect(queries.flatMap((query) => misfits(query, (name) => labels.get(name)))).toEqual([])
    expect(queries.filter(({ metrics }) => metrics.length === 0)).toEqual([])
    // each alert was found in the file
    const alerts = readFileSync(rulesFile, 'utf8').match(/- alert: /g)?.length ?? 0
    expect(queries.filter(({ of }) => of.startsWith('Mirror'))).toHaveLength(alerts)
  })

  it.skipIf(!hasPromtool)(
    'has rules that promtool takes (skipped where promtool, of the Debian package prometheus, is not installed)',
    () => {
      const { status, stderr } = spawnSync('promtool', ['check', 'rules', '--lint=all', rulesFile], {
        encoding: 'utf8'
      })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    }
  )
})
