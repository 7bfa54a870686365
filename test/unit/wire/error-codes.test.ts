import { describe, expect, it } from 'vitest'
import {
  brokerError,
  brokerErrorName,
  brokerErrors,
  leaderMoved,
  retriableErrors
} from '../../../src/wire/error-codes.ts'

describe('broker errors', () => {
  it('are numbered from -1 without a hole or a repeat', () => {
    const codes = Object.values(brokerErrors).sort((a, b) => a - b)
    expect(codes).toEqual(Array.from({ length: codes.length }, (_, index) => index - 1))
  })

  it('name what happened to what, with the broker’s own words', () => {
    const error = brokerError(brokerErrors.TOPIC_AUTHORIZATION_FAILED, 'B: Produce to A.orders-3', 'Access denied')
    expect(error.message).toBe(
      'B: Produce to A.orders-3: TOPIC_AUTHORIZATION_FAILED (29), the principal lacks an ACL on the topic (broker: Access denied)'
    )
    expect(error).toMatchObject({ code: 'MIRROR_BROKER', brokerCode: 29, retriable: false })
  })

  it('stay readable when a newer broker invents one', () => {
    expect(brokerError(4711, 'A: Fetch').message).toBe('A: Fetch: error (4711)')
    expect(brokerErrorName(4711)).toBe('error (4711)')
  })

  it('are all retriable where only the leader has moved', () => {
    expect([...leaderMoved].filter((code) => !retriableErrors.has(code))).toEqual([])
    expect(brokerError(brokerErrors.NOT_LEADER_OR_FOLLOWER, 'x').retriable).toBe(true)
  })
})
