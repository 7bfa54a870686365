import { type Findings } from '../config/findings.ts'
import { nearestName } from '../config/nearest-name.ts'
import { type Option } from '../config/option-table.ts'
import { type Properties } from '../config/traced-properties.ts'
import { knownKey, knownNames, type KnownKey, type Scope } from './known-keys.ts'

interface Place {
  readonly scope: Scope
  /** With its dot: `A.`, `A->B.`, or nothing. */
  readonly prefix: string
  readonly name: string
}

/** Goes through the keys of the file and says which are unknown, without effect, not obeyed yet, or not what they seem. */
export function reviewKeys(file: Properties, clusters: readonly string[], findings: Findings): void {
  const unheeded = new Map<string, string[]>()
  for (const [key, value] of file) {
    const places = placesOf(key, clusters)
    const [place] = places
    if (place === undefined) {
      findings.problem(
        key,
        value,
        `two different aliases of clusters (${clusters.join(', ')}) in front of the first dot`
      )
      continue
    }
    const known = firstKnown(places)
    if (known === undefined) findings.warn({ key, message: unknownKey(place, clusters) })
    else if (known.effect === 'no') findings.warn({ key, message: `has no effect here; write it ${known.instead}` })
    else {
      noteUnheeded(key, value, known.option, unheeded)
      surprises(key, place, file, findings)
    }
  }
  for (const [reason, keys] of unheeded) findings.warn({ key: keys.join(', '), message: `without effect: ${reason}` })
}

/** Aliases match as text, so that several may: `us` takes the keys of `us.east` too. None when a route names no cluster. */
function placesOf(key: string, clusters: readonly string[]): Place[] {
  const places: Place[] = []
  const add = (scope: Scope, prefix: string): void => {
    if (key.length > prefix.length && key.startsWith(prefix))
      places.push({ scope, prefix, name: key.slice(prefix.length) })
  }
  for (const source of clusters) {
    for (const target of clusters) if (source !== target) add('route', `${source}->${target}.`)
  }
  if (places.length === 0 && key.includes('->')) return []
  for (const alias of clusters) add('cluster', `${alias}.`)
  places.push({ scope: 'top', prefix: '', name: key })
  return places
}

function firstKnown(places: readonly Place[]): KnownKey | undefined {
  let without: KnownKey | undefined
  for (const { scope, name } of places) {
    const known = knownKey(scope, name)
    if (known?.effect === 'yes') return known
    without ??= known
  }
  return without
}

function unknownKey({ scope, prefix, name }: Place, clusters: readonly string[]): string {
  const [head, rest] = splitAtDot(name)
  if (scope === 'top' && rest !== '' && knownKey('cluster', rest)?.effect === 'yes' && !clusters.includes(head)) {
    return `unknown: ${head} is not among the clusters (${clusters.join(', ')})`
  }
  const nearest = nearestName(name, knownNames(scope))
  return nearest === undefined ? 'unknown key' : `unknown key; the nearest known one is ${prefix}${nearest}`
}

function splitAtDot(name: string): [string, string] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)]
}

/** One line per reason: a file that was written for the reference has many such keys. What is switched off needs no word. */
function noteUnheeded(
  key: string,
  value: string,
  option: Option<unknown> | null,
  unheeded: Map<string, string[]>
): void {
  if (option === null || option.status === 'used') return
  const parsed = option.parse(value)
  if (parsed.ok && parsed.value === false) return
  const reason = 'later' in option.status ? option.status.later : option.status.ignored
  const keys = unheeded.get(reason)
  if (keys === undefined) unheeded.set(reason, [key])
  else keys.push(key)
}

const identityKeys = ['name', 'connector.class', 'source.cluster.alias', 'target.cluster.alias']

/** Keys that are obeyed as in the reference, where that is seldom what was meant. */
function surprises(key: string, { scope, prefix, name }: Place, file: Properties, findings: Findings): void {
  if (scope === 'top' && identityKeys.includes(name)) {
    findings.warn({ key, message: 'is shared by all connectors of all routes; leave it out' })
  }
  if (scope === 'top' && name === 'enabled')
    findings.warn({ key, message: 'switches every route on; write A->B.enabled' })
  if (scope !== 'route') return
  if (name.startsWith('producer.') && !name.startsWith('producer.override.')) {
    const override = `${prefix}producer.override.${name.slice('producer.'.length)}`
    findings.warn({ key, message: `does not reach the producer of mirrored records; write ${override}` })
  }
  const [source = '', target = ''] = prefix.slice(0, -1).split('->')
  for (const [side, alias] of [
    ['source', source],
    ['target', target]
  ] as const) {
    const stronger = `${alias}.${name}`
    if (/^(consumer|admin)\.(?!override)/.test(name) && file.has(stronger)) {
      findings.warn({ key, message: `${stronger} is set and wins; write ${prefix}${side}.${name}` })
    }
  }
}
