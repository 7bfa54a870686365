import { setImmediate } from 'node:timers/promises'
import { type MetricRegistry } from './metric-registry.ts'
import { type MetricRow, type MetricStore } from './metric-store.ts'
import { labelsText, numberText, prometheusName } from './prometheus-text.ts'

const chunkChars = 32 * 1024

/**
 * Every series in Prometheus text format 0.0.4, in pieces of about 32 KiB. Other work of the process gets its turn between
 * two pieces: 10,000 partitions are 120,000 lines.
 */
export async function* scrape(registry: MetricRegistry): AsyncGenerator<string, void> {
  let chunk = ''
  for (const line of lines(registry)) {
    chunk += line
    if (chunk.length < chunkChars) continue
    yield chunk
    chunk = ''
    await setImmediate()
  }
  if (chunk !== '') yield chunk
}

function* lines(registry: MetricRegistry): Generator<string, void> {
  for (const store of registry.stores) {
    if (store.rowCount === 0) continue
    for (const attribute of store.attributes) {
      const { statistic, meaning } = attribute
      const name = prometheusName(store.group.domain, store.group.name, attribute.name)
      yield head(name, statistic === 'total' || statistic === 'count' ? 'counter' : 'gauge', meaning)
      for (const [index, row] of liveRows(store)) {
        yield `${name}${braced(row.labels)} ${numberText(store.read(index, attribute))}\n`
      }
    }
    yield* textLines(store)
  }
}

/** Text is a label of its attribute's name, on a series that is always 1. */
function* textLines(store: MetricStore): Generator<string, void> {
  for (const [number, text] of store.textNames.entries()) {
    const name = prometheusName(store.group.domain, store.group.name, text)
    yield head(name, 'gauge', store.group.texts[text] ?? '')
    for (const [, row] of liveRows(store)) {
      const value = row.textOf(number)
      if (value === undefined) continue
      const labels = [row.labels, labelsText([[text, value]])].filter((part) => part !== '').join(',')
      yield `${name}${braced(labels)} 1\n`
    }
  }
}

function* liveRows(store: MetricStore): Generator<readonly [number, MetricRow], void> {
  const { rows } = store
  for (const [index, row] of rows.entries()) if (row !== undefined) yield [index, row]
}

function head(name: string, type: 'counter' | 'gauge', meaning: string): string {
  return `# HELP ${name} ${meaning}\n# TYPE ${name} ${type}\n`
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}
