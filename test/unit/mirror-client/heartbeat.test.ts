import { expect, it } from 'vitest'
import { encodeHeartbeat } from '../../../src/mirror-client/heartbeat.ts'

it.each([
  {
    heartbeat: { sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp: 1_700_000_000_000n },
    ...{ key: '000141000142', value: '00000000018bcfe56800' }
  },
  {
    heartbeat: { sourceClusterAlias: 'us-east', targetClusterAlias: 'eu', timestamp: 0n },
    ...{ key: '000775732d6561737400026575', value: '00000000000000000000' }
  }
])('a heartbeat has the bytes of the reference', ({ heartbeat, key, value }) => {
  const encoded = encodeHeartbeat(heartbeat)
  expect(encoded.key.toString('hex')).toBe(key)
  expect(encoded.value.toString('hex')).toBe(value)
})
