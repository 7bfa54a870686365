/** Prometheus' text format, read strictly. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y

/** @throws for a line that is not of the format, a family without a type, and a series that is there twice */
export function parsePrometheusText(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const typed = new Set<string>()
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, family] = comment.exec(line) ?? []
    if (kind === 'TYPE' && family !== undefined) typed.add(family)
    if (kind !== undefined) continue
    samples.push(readSample(line, typed))
    const series = line.slice(0, line.lastIndexOf(' '))
    if (seen.has(series)) throw new Error(`twice: ${line}`)
    seen.add(series)
  }
  return samples
}

function readSample(line: string, typed: ReadonlySet<string>): Sample {
  const [, name, labels = '', number = ''] = sample.exec(line) ?? []
  if (name === undefined) throw new Error(`no sample: ${line}`)
  if (!typed.has(name) && !typed.has(name.replace(/_(sum|count|bucket)$/, ''))) throw new Error(`no type: ${line}`)
  // Prometheus takes NaN in any case, and prom-client writes `Nan`.
  const isNaN = /^nan$/i.test(number)
  const value = isNaN ? NaN : Number(number.replace('Inf', 'Infinity'))
  if (!isNaN && Number.isNaN(value)) throw new Error(`no number: ${line}`)
  return { name, labels: readLabels(labels, line), value }
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let at = 0
  while (at < text.length) {
    label.lastIndex = at
    const [matched, name, value] = label.exec(text) ?? []
    if (matched === undefined || name === undefined || value === undefined) throw new Error(`no labels: ${line}`)
    labels[name] = value
    at += matched.length
  }
  return labels
}
