/** Positions of consumer groups, read and left from outside as an administrator does. */
import { commitGroupOffsets, fetchGroupOffsets } from '../src/client/consumer-groups.ts'
import { type Cluster } from '../src/client/cluster.ts'
import { connectLocal } from './local-client.ts'

export interface GroupPosition {
  readonly topic: string
  readonly partition: number
  /** Of the next record. */
  readonly offset: bigint
  readonly metadata?: string
}

interface Reachable {
  readonly bootstrapServers: string
}

/** All that a group has committed; nothing where there is no such group. */
export async function committedPositions(cluster: Reachable, group: string): Promise<GroupPosition[]> {
  const offsets = await withClient(cluster, (client) => fetchGroupOffsets(client, group, 'all'))
  return offsets
    .filter(({ offset }) => offset >= 0n)
    .map(({ topic, partition, offset }) => ({ topic, partition, offset }))
}

/** Leaves a group where a consumer that has read up to these positions would have left it. @throws while it has members */
export async function commitPositions(
  cluster: Reachable,
  group: string,
  positions: readonly GroupPosition[]
): Promise<void> {
  const codes = await withClient(cluster, (client) => commitGroupOffsets(client, group, positions))
  if (codes.some((code) => code !== 0)) throw new Error(`group ${group} refuses positions: errors ${codes.join()}`)
}

async function withClient<T>({ bootstrapServers }: Reachable, call: (client: Cluster) => Promise<T>): Promise<T> {
  const client = connectLocal(bootstrapServers)
  try {
    return await call(client)
  } finally {
    await client.close()
  }
}
