import { type Findings } from '../config/findings.ts'
import { parseBoolean } from '../config/java-values.ts'
import { type TracedProperties } from '../config/traced-properties.ts'

export interface RoutePair {
  readonly source: string
  readonly target: string
  readonly enabled: boolean
  readonly emitHeartbeats: boolean
}

/**
 * Which pairs of clusters are routes (spec 1.5): those that are enabled, and those that may emit heartbeats, which by
 * default is every pair. A heartbeat that proves A->B healthy is written into A, by the route B->A.
 */
export function routePairs(file: TracedProperties, clusters: readonly string[], findings: Findings): RoutePair[] {
  const pairs: RoutePair[] = []
  for (const source of clusters) {
    for (const target of clusters) {
      if (source === target) continue
      const route = `${source}->${target}`
      const enabled = flag(file, [`${route}.enabled`], false, findings)
      const emitHeartbeats = flag(file, [`${route}.emit.heartbeats.enabled`, 'emit.heartbeats.enabled'], true, findings)
      if (enabled || emitHeartbeats) pairs.push({ source, target, enabled, emitHeartbeats })
    }
  }
  return pairs
}

/** The reference does not trim here, so that a trailing blank switches a route off in silence; here it does not. */
function flag(file: TracedProperties, keys: readonly string[], absent: boolean, findings: Findings): boolean {
  const found = keys.map((key) => file.get(key)).find((entry) => entry !== undefined)
  if (found === undefined) return absent
  const parsed = parseBoolean(found.value)
  if (parsed.ok) return parsed.value
  findings.problem(found.origin, found.raw, parsed.expected)
  return false
}
