/** Two clusters and this program between them, for end-to-end tests. */
import { join } from 'node:path'
import { LocalMirror, type LocalMirrorOptions, type LogLine } from '../../dev/local-mirror.ts'
import { cleanUpAfterFile, temporaryDirectories } from './real-cluster.ts'

/** A cluster by its address alone. */
interface Reachable {
  readonly bootstrapServers: string
}

/**
 * Settings of a route between one-node clusters, the same for this program and for Java's MirrorMaker. Routes of one pair of clusters
 * that run side by side need aliases of their own, by which positions and groups are named.
 */
export function pairProperties(
  source: Reachable,
  target: Reachable,
  more: Readonly<Record<string, string>> = {},
  [from, to]: readonly [string, string] = ['A', 'B']
): Record<string, string> {
  return {
    clusters: `${from}, ${to}`,
    [`${from}.bootstrap.servers`]: source.bootstrapServers,
    [`${to}.bootstrap.servers`]: target.bootstrapServers,
    [`${from}->${to}.enabled`]: 'true',
    [`${from}->${to}.emit.heartbeats.enabled`]: 'false',
    [`${to}->${from}.emit.heartbeats.enabled`]: 'false',
    'replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'config.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset-syncs.topic.replication.factor': '1',
    'checkpoints.topic.replication.factor': '1',
    'heartbeats.topic.replication.factor': '1',
    'refresh.topics.interval.seconds': '1',
    ...more
  }
}

interface PairOptions extends Partial<LocalMirrorOptions> {
  readonly aliases?: readonly [string, string]
}

/** Starts mirrors that end with the test file. */
export function localMirrors(): (
  source: Reachable,
  target: Reachable,
  more?: Readonly<Record<string, string>>,
  options?: PairOptions
) => Promise<LocalMirror> {
  const directory = temporaryDirectories()
  const register = cleanUpAfterFile()
  return async (source, target, more = {}, { aliases, ...options } = {}) => {
    const mirror = await LocalMirror.start({
      propertiesFile: join(await directory(), 'mm2.properties'),
      properties: pairProperties(source, target, more, aliases),
      ...options
    })
    register(() => mirror.kill())
    return mirror
  }
}

/** Warnings and errors, without those about keys of the configuration. */
export async function complaints(mirror: LocalMirror): Promise<LogLine[]> {
  return (await mirror.log()).filter((line) => line.level >= 40 && !('key' in line))
}
