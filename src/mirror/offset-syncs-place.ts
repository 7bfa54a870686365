import { type ClusterSide } from './mirror-clients.ts'

/** Where a route keeps its offset syncs. */
export interface OffsetSyncsPlace {
  readonly location: ClusterSide
  /** The cluster that keeps them. */
  readonly alias: string
  /** The other one: their topic is named after it. */
  readonly namedAfter: string
}

/** @param location `offset-syncs.topic.location` */
export function offsetSyncsPlace(location: ClusterSide, sourceAlias: string, targetAlias: string): OffsetSyncsPlace {
  return location === 'source'
    ? { location, alias: sourceAlias, namedAfter: targetAlias }
    : { location, alias: targetAlias, namedAfter: sourceAlias }
}
