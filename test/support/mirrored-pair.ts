/** A source and a target cluster with what tests ask of them; comparing costs two JVMs for any number of topics. */
import { expect } from 'vitest'
import { type LocalCluster, type LocalClusterOptions } from '../../dev/local-kafka/local-cluster.ts'
import { type ClusterAdmin, clusterAdmins } from './cluster-admin.ts'
import { type ComparableRecord, readAllTopics } from './read-all.ts'
import { realClusters } from './real-cluster.ts'
import { waitUntil, type WaitOptions } from './wait-until.ts'

export interface CompareOptions extends WaitOptions {
  /** Default `A.` and the name. */
  readonly remoteName?: (topic: string) => string
  /** Settings of the consumer that reads the source, e.g. `isolation.level`. */
  readonly sourceSettings?: Readonly<Record<string, string>>
  /** How many records of each topic are known not to arrive. Default none. */
  readonly missing?: number
}

type PartitionRecords = Map<number, ComparableRecord[]>

/** By source topic. */
export interface BothSides {
  readonly expected: ReadonlyMap<string, PartitionRecords>
  readonly seen: ReadonlyMap<string, PartitionRecords>
}

export class MirroredPair {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly sourceAdmin: ClusterAdmin
  readonly targetAdmin: ClusterAdmin

  constructor(clusters: Pick<MirroredPair, 'source' | 'target' | 'sourceAdmin' | 'targetAdmin'>) {
    this.source = clusters.source
    this.target = clusters.target
    this.sourceAdmin = clusters.sourceAdmin
    this.targetAdmin = clusters.targetAdmin
  }

  /** Reads the topics, waits until the target has as many records of each, and expects them to be the same. */
  async expectMirrored(topics: readonly string[], options: CompareOptions = {}): Promise<void> {
    const { expected, seen } = await this.readBoth(topics, options)
    for (const topic of topics) expect(seen.get(topic), topic).toEqual(expected.get(topic))
  }

  /** Reads the topics, waits until the target has as many records of each, and reads those. Both by source topic. */
  async readBoth(topics: readonly string[], options: CompareOptions = {}): Promise<BothSides> {
    const expected = await readAllTopics(this.source, topics, options.sourceSettings)
    const { remoteName = (topic: string) => `A.${topic}`, missing = 0 } = options
    for (const [topic, partitions] of expected) {
      await this.arrived(remoteName(topic), recordCount(partitions) - missing, options)
    }
    const read = await readAllTopics(this.target, topics.map(remoteName))
    const seen = topics.map((topic) => [topic, read.get(remoteName(topic)) ?? new Map()] as const)
    return { expected, seen: new Map(seen) }
  }

  /** Waits until `count` records or more are in a topic of the target that has neither markers nor gaps. */
  async arrived(topic: string, count: number, options: WaitOptions = {}): Promise<void> {
    const probe = async (): Promise<boolean | number> => {
      const seen = await this.targetAdmin.offsetCount(topic)
      return await (seen >= count || Promise.reject(new Error(`there are ${seen}`)))
    }
    await waitUntil(`${topic} has ${count} records`, probe, { timeoutMs: 60_000, intervalMs: 100, ...options })
  }
}

function recordCount(partitions: PartitionRecords): number {
  return [...partitions.values()].reduce((sum, records) => sum + records.length, 0)
}

/** To be called at the top of a file; both clusters start at once and end with the file. */
export function mirroredPairs(): (source?: LocalClusterOptions, target?: LocalClusterOptions) => Promise<MirroredPair> {
  const startCluster = realClusters()
  const connectAdmin = clusterAdmins()
  return async (sourceOptions, targetOptions) => {
    const [source, target] = await Promise.all([startCluster(sourceOptions), startCluster(targetOptions)])
    const [sourceAdmin, targetAdmin] = await Promise.all([connectAdmin(source), connectAdmin(target)])
    return new MirroredPair({ source, target, sourceAdmin, targetAdmin })
  }
}
