import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { metricsPage } from '../../../dev/metrics-page.ts'

describe('docs/metrics.md', () => {
  it('is what npm run docs prints from the tables', () => {
    expect(readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage())
  })

  it('lists no series twice', () => {
    const series = [...metricsPage().matchAll(/^\| [^|]+ \| `(kafka_[^`]+)`/gm)].map((match) => match[1])
    expect(series.length).toBeGreaterThan(80)
    expect(new Set(series).size).toBe(series.length)
  })
})
