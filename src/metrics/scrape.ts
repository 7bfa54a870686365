import { setImmediate } from 'node:timers/promises'
import { type MetricRegistry } from './metric-registry.ts'
import { type MetricRow } from './metric-row.ts'
import { type MetricStore } from './metric-store.ts'
import { labelsText, numberText, prometheusName } from './prometheus-text.ts'
import { statistics } from './statistics.ts'

const chunkChars = 32 * 1024

/**
 * Every series in Prometheus text format 0.0.4, in pieces of about 32 KiB. Other work of the process gets its turn between
 * two pieces: 10,000 partitions are 120,000 lines.
 */
export async function* scrape(registry: MetricRegistry): AsyncGenerator<string, void> {
  registry.refresh()
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
    const { newest } = store
    for (const attribute of store.attributes) {
      const name = prometheusName(store.group.domain, store.group.name, attribute.name)
      yield head(name, statistics[attribute.statistic].type, attribute.meaning)
      for (const [index, row] of liveRows(store, newest)) {
        yield `${name}${braced(row.labels)} ${numberText(store.valueOf(index, attribute))}\n`
      }
    }
    yield* textLines(store, newest)
  }
}

/** Text is a label of its attribute's name, on a series that is always 1. */
function* textLines(store: MetricStore, newest: number): Generator<string, void> {
  for (const [number, [text, meaning]] of Object.entries(store.group.texts).entries()) {
    const name = prometheusName(store.group.domain, store.group.name, text)
    yield head(name, 'gauge', meaning)
    for (const [, row] of liveRows(store, newest)) {
      const value = row.textOf(number)
      if (value === undefined) continue
      const labels = [row.labels, labelsText([[text, value]])].filter((part) => part !== '').join(',')
      yield `${name}${braced(labels)} 1\n`
    }
  }
}

/**
 * Rows that were there when the group's turn began. One that is removed and made anew while the scrape pauses would stand
 * twice in it, at its old place and at its new one, which makes the whole scrape invalid.
 */
function* liveRows(store: MetricStore, newest: number): Generator<readonly [number, MetricRow], void> {
  for (const [index, row] of store.rows.entries()) {
    if (row !== undefined && row.serial <= newest) yield [index, row]
  }
}

function head(name: string, type: 'counter' | 'gauge', meaning: string): string {
  return `# HELP ${name} ${meaning}\n# TYPE ${name} ${type}\n`
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}
