import { expect, it } from 'vitest'
import { metricGroup } from '../../../src/metrics/metric-group.ts'
import { MetricRegistry } from '../../../src/metrics/metric-registry.ts'
import { PrometheusExporter } from '../../../src/metrics/prometheus-exporter.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const toys = metricGroup({
  domain: 'kafka.toy',
  name: 'toy-metrics',
  tags: [],
  meaning: 'The toys',
  sensors: { toys: { meaning: 'toys', unit: 'toys', attributes: { 'toy-total': 'total' } } },
  texts: {}
})

it('the exporter joins the metrics of the process and those of the registry line by line', async () => {
  const registry = new MetricRegistry({ clock: new ManualClock() })
  registry.group(toys).entity({})
  const exporter = new PrometheusExporter(registry)
  const chunks: string[] = []
  for await (const chunk of exporter.scrape()) chunks.push(chunk)
  const lines = chunks.join('').split('\n')
  expect(exporter.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(lines).toContain('kafka_toy_toy_toy_total 0')
  expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true)
  expect(lines.filter((line) => line !== '' && !/^(# (HELP|TYPE) \S+ .+|[a-z0-9_]+(\{.*\})? \S+)$/.test(line))).toEqual(
    []
  )
})
