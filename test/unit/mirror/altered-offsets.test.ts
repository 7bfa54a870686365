import { describe, expect, it } from 'vitest'
import { checkSourceOffset, constantOffsetCheck } from '../../../src/mirror/altered-offsets.ts'

describe('positions of the source connector', () => {
  const partition = { cluster: 'A', topic: 't', partition: 0n }

  it('may be set to any offset of a whole partition', () => {
    expect(checkSourceOffset(partition, { offset: 0n })).toBeUndefined()
    expect(checkSourceOffset(partition, { offset: 41 })).toBeUndefined()
  })

  it.each([
    [{ topic: 't', partition: 0n }, { offset: 1n }, 'cluster'],
    [{ cluster: 'A', topic: 7n, partition: 0n }, { offset: 1n }, 'topic'],
    [{ cluster: 'A', topic: 't', partition: -1n }, { offset: 1n }, 'partition'],
    [{ cluster: 'A', topic: 't', partition: '0' }, { offset: 1n }, 'partition'],
    [partition, { offset: -1n }, 'offset'],
    [partition, { offset: 1.5 }, 'offset'],
    [partition, {}, 'offset']
  ])('may not be set for %o to %o', (badPartition, offset, key) => {
    expect(checkSourceOffset(badPartition, offset)).toContain(`'${key}'`)
  })

  it('may be forgotten for any partition, so that odd entries can be taken out', () => {
    expect(checkSourceOffset({ what: 'ever' }, null)).toBeUndefined()
  })
})

describe('positions that mean nothing', () => {
  const check = constantOffsetCheck(['group', 'topic'], ['partition'])
  const partition = { group: 'g', topic: 'A.t', partition: 0n }

  it('are 0 or nothing', () => {
    expect(check(partition, { offset: 0n })).toBeUndefined()
    expect(check(partition, null)).toBeUndefined()
    expect(check(partition, { offset: 1n })).toContain('must be 0')
    expect(check({ ...partition, partition: 'x' }, { offset: 0n })).toContain(`'partition'`)
    expect(check({ topic: 't', partition: 0n }, { offset: 0n })).toContain(`'group'`)
  })
})
