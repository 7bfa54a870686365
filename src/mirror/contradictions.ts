import { type Findings } from '../config/findings.ts'
import { parseBoolean } from '../config/java-values.ts'
import { type TracedProperties } from '../config/traced-properties.ts'

/** Settings of one route that cannot all be meant (spec 2.7). */
export function reportContradictions(connector: TracedProperties, findings: Findings): void {
  const offsetSyncs = connector.get('emit.offset-syncs.enabled')
  if (offsetSyncs === undefined || !isFalse(offsetSyncs.value)) return
  const dependent = [...connector].find(
    ([key]) => key.startsWith('offset-syncs-') || key.startsWith('offset-syncs.topic.')
  )
  if (dependent !== undefined) {
    findings.problem(offsetSyncs.origin, offsetSyncs.raw, `true, since ${dependent[1].origin} is set`)
  }
  const enabled = connector.get('enabled')
  const checkpoints = connector.get('emit.checkpoints.enabled')
  if (isFalse(enabled?.value) || isFalse(checkpoints?.value)) return
  const expected = 'true, or emit.checkpoints.enabled = false too: checkpoints are made from offset syncs'
  findings.problem(offsetSyncs.origin, offsetSyncs.raw, expected)
}

function isFalse(text: string | undefined): boolean {
  if (text === undefined) return false
  const parsed = parseBoolean(text)
  return parsed.ok && !parsed.value
}
