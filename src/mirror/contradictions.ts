import { type Findings } from '../config/findings.ts'
import { parseBoolean } from '../config/java-values.ts'
import { type TracedProperties, type TracedValue } from '../config/traced-properties.ts'

/** Settings of one route that cannot all be meant (spec 2.7): those that the source connector can tell. */
export function reportContradictions(connector: TracedProperties, findings: Findings): void {
  const offsetSyncs = switchedOff(connector, 'emit.offset-syncs.enabled')
  if (offsetSyncs === undefined) return
  const dependent = [...connector].find(
    ([key]) => key.startsWith('offset-syncs-') || key.startsWith('offset-syncs.topic.')
  )
  if (dependent !== undefined) {
    findings.problem(offsetSyncs.origin, offsetSyncs.raw, `true, since ${dependent[1].origin} is set`)
  }
  reportCheckpointsWithoutSyncs(connector, findings)
}

/**
 * Those that the checkpoint connector can tell. To the reference checkpoints that are switched off are one in themselves, and it
 * leaves a connector that it has stored before running on; here they are a connector without tasks.
 */
export function reportCheckpointContradictions(connector: TracedProperties, findings: Findings): void {
  reportCheckpointsWithoutSyncs(connector, findings)
  const groupSync = connector.get('sync.group.offsets.enabled')
  const checkpoints = switchedOff(connector, 'emit.checkpoints.enabled')
  if (groupSync === undefined || !isSwitch(groupSync.value, true) || checkpoints === undefined) return
  if (switchedOff(connector, 'enabled') !== undefined) return
  const expected = `false, or ${checkpoints.origin} = true too: group offsets are synced from checkpoints`
  findings.problem(groupSync.origin, groupSync.raw, expected)
}

function reportCheckpointsWithoutSyncs(connector: TracedProperties, findings: Findings): void {
  const offsetSyncs = switchedOff(connector, 'emit.offset-syncs.enabled')
  const isUnused = ['enabled', 'emit.checkpoints.enabled'].some((key) => switchedOff(connector, key) !== undefined)
  if (offsetSyncs === undefined || isUnused) return
  const expected = 'true, or emit.checkpoints.enabled = false too: checkpoints are made from offset syncs'
  findings.problem(offsetSyncs.origin, offsetSyncs.raw, expected)
}

/** What a switch is written as that is off; undefined for one that is on, or is not set. */
function switchedOff(connector: TracedProperties, key: string): TracedValue | undefined {
  const traced = connector.get(key)
  return traced !== undefined && isSwitch(traced.value, false) ? traced : undefined
}

function isSwitch(text: string, wanted: boolean): boolean {
  const parsed = parseBoolean(text)
  return parsed.ok && parsed.value === wanted
}
