import { expect, it } from 'vitest'
import { MirrorHeartbeatTask } from '../../../../src/mirror/heartbeat/mirror-heartbeat-task.ts'
import { decodeBatch } from '../../../../src/wire/record.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'

function setUp(): { readonly clock: ManualClock; readonly task: MirrorHeartbeatTask } {
  const clock = new ManualClock()
  const names = { sourceAlias: 'A', targetAlias: 'B', topic: 'heartbeats' }
  return { clock, task: new MirrorHeartbeatTask({ ...names, intervalMs: 1000, clock }) }
}

it('writes a heartbeat after each interval, to partition 0, with its time in the record and in the value', async () => {
  const { clock, task } = setUp()
  const polled = task.poll()
  await settle()
  await clock.advance(1000)
  const [batch, ...others] = await polled
  expect(others).toEqual([])
  expect(batch).toMatchObject({
    sourcePartition: { fields: { sourceClusterAlias: 'A', targetClusterAlias: 'B' } },
    lastOffset: 0n,
    targetTopic: 'heartbeats',
    targetPartition: 0,
    recordCount: 1
  })
  const [record] = await decodeBatch(batch?.records ?? Buffer.alloc(0))
  const now = BigInt(clock.now())
  expect(record?.key?.toString('hex')).toBe('000141000142')
  expect(record?.value?.readInt16BE(0)).toBe(0)
  expect(record?.value?.readBigInt64BE(2)).toBe(now)
  expect(record?.timestamp).toBe(now)
})

it('ends a poll that waits when it is stopped, with nothing', async () => {
  const { task } = setUp()
  const polled = task.poll()
  await task.stop()
  expect(await polled).toEqual([])
})
