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
    const error = brokerError(brokerErrors.INVALID_CONFIG, 'B: create topic A.orders', 'Unknown topic config')
    expect(error.message).toMatch(
      /^B: create topic A.orders: INVALID_CONFIG \(40\).* \(broker: Unknown topic config\)$/
    )
    expect(error).toMatchObject({ code: 'MIRROR_BROKER', brokerCode: 40, retriable: false })
  })

  it('say the same at each refusal, whichever request a broker refuses', () => {
    const context = 'B: Produce to A.orders-3'
    const refused = (detail: string): string =>
      brokerError(brokerErrors.TOPIC_AUTHORIZATION_FAILED, context, detail).message
    expect(refused('Request 1')).toBe(
      `${context}: TOPIC_AUTHORIZATION_FAILED (29), the principal lacks an ACL on the topic`
    )
    expect(refused('Request 2')).toBe(refused('Request 1'))
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
