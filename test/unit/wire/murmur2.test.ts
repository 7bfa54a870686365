import { describe, expect, it } from 'vitest'
import { murmur2, partitionOfKey } from '../../../src/wire/murmur2.ts'

describe('murmur2', () => {
  // Results of the Java clients' Utils.murmur2, covering each length modulo 4.
  it.each([
    ['21', -973932308],
    ['["MirrorSourceConnector",{"cluster":"A","partition":0,"topic":"t1"}]', -325340394],
    ['["MirrorCheckpointConnector",{"partition":0,"topic":"A.t1","group":"g1"}]', 88538468],
    ['status-connector-MirrorSourceConnector', -999848347],
    ['status-task-MirrorSourceConnector-0', -807689204],
    ['["MirrorSourceConnector",{"cluster":"A","partition":3,"topic":"orders"}]', 0xca748240 | 0]
  ])('hashes %s as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  it.each([
    ['["MirrorSourceConnector",{"cluster":"A","partition":3,"topic":"orders"}]', 25, 4],
    ['["MirrorCheckpointConnector",{"partition":3,"topic":"A.orders","group":"billing"}]', 25, 3],
    ['["MirrorHeartbeatConnector",{"sourceClusterAlias":"A","targetClusterAlias":"B"}]', 25, 0],
    ['["MirrorCheckpointConnector",{"partition":0,"topic":"A.t1","group":"g1"}]', 25, 18],
    ['status-task-MirrorSourceConnector-0', 5, 4]
  ])('puts %s of %d partitions where Java does', (key, partitions, partition) => {
    expect(partitionOfKey(Buffer.from(key), partitions)).toBe(partition)
  })

  it('reads a view at its own place in a larger buffer', () => {
    expect(murmur2(Buffer.from('xxx21').subarray(3))).toBe(murmur2(Buffer.from('21')))
  })
})
