/** Two clusters and this program between them, for end-to-end tests. */
import { join } from 'node:path'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { LocalMirror, type LocalMirrorOptions } from '../../dev/local-mirror.ts'
import { cleanUpAfterFile, temporaryDirectories } from './real-cluster.ts'

/** Settings of a route between one-node clusters, the same for this program and for Java's MirrorMaker. */
export function pairProperties(
  source: string,
  target: string,
  more: Readonly<Record<string, string>> = {}
): Record<string, string> {
  return {
    clusters: 'A, B',
    'A.bootstrap.servers': source,
    'B.bootstrap.servers': target,
    'A->B.enabled': 'true',
    'A->B.emit.heartbeats.enabled': 'false',
    'B->A.emit.heartbeats.enabled': 'false',
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

/** Starts mirrors that end with the test file. */
export function localMirrors(): (
  source: LocalCluster,
  target: LocalCluster,
  more?: Readonly<Record<string, string>>,
  options?: Partial<LocalMirrorOptions>
) => Promise<LocalMirror> {
  const directory = temporaryDirectories()
  const register = cleanUpAfterFile()
  return async (source, target, more = {}, options = {}) => {
    const mirror = await LocalMirror.start({
      propertiesFile: join(await directory(), 'mm2.properties'),
      properties: pairProperties(source.bootstrapServers, target.bootstrapServers, more),
      ...options
    })
    register(() => mirror.kill())
    return mirror
  }
}
