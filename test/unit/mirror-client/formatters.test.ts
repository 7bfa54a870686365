import { expect, it } from 'vitest'
import { formatCheckpoint, formatHeartbeat, formatOffsetSync } from '../../../src/mirror-client/formatters.ts'

it('records print as the lines of the reference', () => {
  const offsets = { upstreamOffset: 1000n, downstreamOffset: 998n }
  expect(formatOffsetSync({ topic: 'orders', partition: 3, ...offsets })).toBe(
    'OffsetSync{topicPartition=orders-3, upstreamOffset=1000, downstreamOffset=998}'
  )
  expect(
    formatCheckpoint({ consumerGroupId: 'billing', topic: 'A.orders', partition: 3, ...offsets, metadata: '' })
  ).toBe(
    'Checkpoint{consumerGroupId=billing, topicPartition=A.orders-3, upstreamOffset=1000, downstreamOffset=998, metadata=}'
  )
  expect(formatHeartbeat({ sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp: 1_700_000_000_000n })).toBe(
    'Heartbeat{sourceClusterAlias=A, targetClusterAlias=B, timestamp=1700000000000}'
  )
})
