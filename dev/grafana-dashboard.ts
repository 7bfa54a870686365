import { type Panel, type PanelRow, panelRows } from './grafana-panels.ts'

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

const datasource = { type: 'prometheus', uid: '${datasource}' }
const columns = 24
const panelHeight = 8
const lineMetric = 'kafka_connect_mirror_mirrortasklag_lag_records'

/** grafana/dashboard.json, from the panel table. */
export function dashboard(): string {
  const json: Json = {
    title: 'Mirroring',
    uid: 'connect-mirror-maker',
    description: 'Printed from dev/grafana-panels.ts by npm run docs; edits are lost.',
    tags: ['kafka'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus' },
        variable('source', `label_values(${lineMetric}, source)`),
        variable('target', `label_values(${lineMetric}{source=~"$source"}, target)`),
        variable(
          'topic',
          'label_values(kafka_connect_mirror_mirrorlag_lag_records{source=~"$source",target=~"$target"}, topic)'
        )
      ]
    },
    panels: panelsOf(panelRows)
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function variable(name: string, query: string): Json {
  return {
    type: 'query',
    name,
    label: name,
    datasource,
    query: { query, refId: name },
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' }
  }
}

function panelsOf(rows: readonly PanelRow[]): Json[] {
  const panels: Json[] = []
  let y = 0
  for (const { title, panels: own } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: place(0, y, columns, 1)
    })
    y += 1
    for (const [line, start] of linesOf(own.length).entries()) {
      const inLine = own.slice(start, linesOf(own.length)[line + 1])
      const width = columns / inLine.length
      for (const [index, panel] of inLine.entries()) {
        panels.push({
          id: panels.length + 1,
          ...panelJson(panel),
          gridPos: place(index * width, y, width, panelHeight)
        })
      }
      y += panelHeight
    }
  }
  return panels
}

/** At most three side by side. */
function linesOf(count: number): number[] {
  return Array.from({ length: Math.ceil(count / 3) }, (_, line) => line * 3)
}

function place(x: number, y: number, w: number, h: number): Json {
  return { x, y, w, h }
}

function panelJson({ kind, title, about, unit, queries }: Panel): { readonly [key: string]: Json } {
  const isTable = kind === 'table'
  return {
    type: kind,
    title,
    description: about,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(isTable ? { format: 'table', instant: true } : {})
    })),
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : {}
  }
}
