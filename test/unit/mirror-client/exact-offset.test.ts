import { expect, it } from 'vitest'
import { DefaultReplicationPolicy } from '../../../src/mirror-client/default-replication-policy.ts'
import { remoteOffset } from '../../../src/mirror-client/exact-offset.ts'
import { type PartitionMapWriter } from '../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { RemoteOffsetMap, type TargetLog } from '../../../src/mirror-client/remote-offset-map.ts'
import { emptyMap, mapRecords } from '../../support/written-mirror.ts'

const targetTopicId = Buffer.alloc(16, 1)

/** The map of `orders-0` of A after it was mirrored in these sessions. */
function mapOf(
  sessions: readonly {
    start?: Parameters<typeof mapRecords>[0] | object
    mirror: (writer: PartitionMapWriter) => void
  }[],
  log: Partial<TargetLog> = {}
): RemoteOffsetMap {
  const map = emptyMap()
  for (const { start, mirror } of sessions)
    mapRecords({ topic: 'orders', partition: 0, targetTopicId, ...start }, mirror, map)
  const targetLog = { topicId: targetTopicId, logEnd: 10_000n, ...log }
  return new RemoteOffsetMap({ map, policy: new DefaultReplicationPolicy(), alias: 'A', targetLog: () => targetLog })
}

const checkpoint = (upstreamOffset: bigint, downstreamOffset: bigint) => ({
  ...{ consumerGroupId: 'g', topic: 'A.orders', partition: 0, metadata: '' },
  ...{ upstreamOffset, downstreamOffset }
})

const dense = {
  mirror: (writer: PartitionMapWriter) => {
    writer.mirrored(0n, 0n, 1000)
  }
}

it('a checkpoint is made exact where the map covers it, and stays as it is where not', () => {
  const map = mapOf([dense])
  expect(remoteOffset(checkpoint(700n, 650n), map)).toMatchObject({ offset: 700n, exact: true })
  expect(remoteOffset(checkpoint(700n, 700n), map)).toMatchObject({ offset: 700n, exact: true })
  expect(remoteOffset(checkpoint(1001n, 650n), map)).toMatchObject({ offset: 650n, exact: false })
  expect(remoteOffset(checkpoint(700n, 650n), undefined)).toMatchObject({ offset: 650n, exact: false })
})

it('the position is lower than the checkpoint says where the target lost its end since, and has other records there now', () => {
  const cut = {
    mirror: (writer: PartitionMapWriter) => {
      writer.mirrored(0n, 0n, 1000)
      writer.mirrored(1000n, 500n, 1000)
    }
  }
  expect(remoteOffset(checkpoint(1000n, 1000n), mapOf([cut]))).toMatchObject({ offset: 500n, exact: true })
  expect(remoteOffset(checkpoint(700n, 900n), mapOf([dense]))).toMatchObject({ offset: 700n, exact: true })
})

it('otherwise it is never lower: another program may have mirrored the records again', () => {
  expect(remoteOffset(checkpoint(700n, 1049n), mapOf([dense]))).toMatchObject({ offset: 1049n, exact: false })
})

it('a map of another target topic, or of more than its log holds, counts for nothing', () => {
  for (const log of [{ topicId: Buffer.alloc(16, 2) }, { logEnd: 999n }]) {
    const map = mapOf([dense], log)
    expect(map.translateOffset('orders', 0, 700n)).toBeUndefined()
    expect(remoteOffset(checkpoint(700n, 650n), map)).toMatchObject({ offset: 650n, exact: false })
  }
  expect(mapOf([dense], { logEnd: 1000n }).translateOffset('orders', 0, 700n)).toMatchObject({ offset: 700n })
})

it('a checkpoint of a source topic that was deleted and created again since is not taken for one of the new topic', () => {
  const recreated = mapOf([
    {
      start: { sourceTopicId: Buffer.alloc(16, 3) },
      mirror: (writer) => {
        writer.mirrored(0n, 0n, 1000)
      }
    },
    {
      start: { sourceTopicId: Buffer.alloc(16, 4), targetLogEnd: 1000n },
      mirror: (writer) => {
        writer.mirrored(0n, 1000n, 2000)
      }
    }
  ])
  // The group has read 900 records of the old one, and none of the new.
  for (const downstream of [850n, 1000n]) {
    const { offset } = remoteOffset(checkpoint(900n, downstream), recreated)
    expect(offset).toBeLessThanOrEqual(1000n)
  }
  expect(remoteOffset(checkpoint(900n, 1500n), recreated)).toMatchObject({ offset: 1900n, exact: true })
})
