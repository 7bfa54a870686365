/** What the dashboard and the alert rules ask of Prometheus. */
import { readFileSync } from 'node:fs'
import { panelRows } from '../../dev/grafana-panels.ts'

export const rulesFile = new URL('../../grafana/alerts.yaml', import.meta.url).pathname

export interface AskedMetric {
  readonly name: string
  /** Labels that the query picks by. */
  readonly matched: readonly string[]
}

export interface AskedQuery {
  /** Panel or alert. */
  readonly of: string
  readonly metrics: readonly AskedMetric[]
  /** Labels that it groups by or writes out. */
  readonly shown: readonly string[]
}

/** Labels that Prometheus itself gives. */
const scrapeLabels = new Set(['instance', 'job'])

const alert = /- alert: (\S+)\n\s+expr: (.+)\n([\s\S]*?)(?=\n\s+- alert:|$)/g

export function askedQueries(): AskedQuery[] {
  const panels = panelRows.flatMap(({ panels: own }) =>
    own.flatMap(({ title, queries }) =>
      queries.map(({ expr, legend }) => asked(title, expr, [...legend.matchAll(/\{\{(\w+)\}\}/g)]))
    )
  )
  const rules = [...readFileSync(rulesFile, 'utf8').matchAll(alert)].map(([, name = '', expr = '', rest = '']) =>
    asked(name, expr, [...rest.matchAll(/\$labels\.(\w+)/g)])
  )
  return [...panels, ...rules]
}

function asked(of: string, expr: string, texts: readonly RegExpExecArray[]): AskedQuery {
  const metrics = [...expr.matchAll(/\b((?:kafka|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      matched: [...matchers.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label = '']) => label)
    })
  )
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '))
  const shown = new Set([...grouped, ...texts.map(([, label = '']) => label)])
  return { of, metrics, shown: [...shown].filter((label) => !scrapeLabels.has(label)) }
}

/** What a query asks of metrics that do not have it, in words. @param labels of each metric; undefined for unknown ones */
export function misfits(query: AskedQuery, labels: (metric: string) => ReadonlySet<string> | undefined): string[] {
  return query.metrics.flatMap(({ name, matched }) => {
    const known = labels(name)
    if (known === undefined) return [`${query.of}: there is no ${name}`]
    // A set of labels that all sides of an expression have: else it matches nothing, or shows nothing.
    const missing = [...matched, ...query.shown].filter((label) => !known.has(label) && !scrapeLabels.has(label))
    return missing.map((label) => `${query.of}: ${name} has no ${label}`)
  })
}
