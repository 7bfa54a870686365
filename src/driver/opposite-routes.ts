import { type Findings } from '../config/findings.ts'
import { javaTrim } from '../config/java-values.ts'
import { policyClasses } from '../mirror-client/replication-policy-class.ts'
import { type RouteConfig } from './route-config.ts'
import { type RoutePair } from './route-pairs.ts'

const policyKey = 'replication.policy.class'

/**
 * Warns of pairs of clusters that mirror each other where names do not tell where a topic comes from: with the Identity
 * policy no cycle is seen.
 * @param pairs of the whole file: another process may run the way back
 */
export function warnOfOppositeRoutes(
  routes: readonly RouteConfig[],
  pairs: readonly RoutePair[],
  findings: Findings
): void {
  const told = new Set<string>()
  for (const { source, target, enabled, connectorProperties } of routes) {
    const policy = javaTrim(connectorProperties.get('MirrorSourceConnector')?.get(policyKey) ?? '')
    const hasWayBack = pairs.some((pair) => pair.enabled && pair.source === target && pair.target === source)
    if (!enabled || !hasWayBack || policy !== policyClasses.identity || told.has(`${target}->${source}`)) continue
    told.add(`${source}->${target}`)
    findings.warn({
      key: policyKey,
      message:
        `${source}->${target} keeps the names of topics, and ${target}->${source} is enabled too: what both mirror goes ` +
        'round for ever; leave no topic to both (topics, topics.exclude), or use the DefaultReplicationPolicy'
    })
  }
}
