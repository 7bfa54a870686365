import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { isSessionKeyDue, SessionKeys } from '../../../../src/connect/herder/session-keys.ts'
import { type SessionKey } from '../../../../src/connect/storage/config-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { InMemoryConfigStore } from '../../../support/in-memory-config-store.ts'

const settings = { algorithm: 'HmacSHA256', bytes: 32, ttlMs: 3_600_000 }

describe('the session key', () => {
  it.each([
    ['there is none', undefined, true],
    ['it is young', { key: Buffer.alloc(32), algorithm: 'HmacSHA256', createdAt: 1 }, false],
    ['its time is over', { key: Buffer.alloc(32), algorithm: 'HmacSHA256', createdAt: 0 }, true],
    ['it is for another MAC', { key: Buffer.alloc(32), algorithm: 'HmacSHA512', createdAt: 1 }, true],
    ['it has another length', { key: Buffer.alloc(16), algorithm: 'HmacSHA256', createdAt: 1 }, true]
  ] satisfies [string, SessionKey | undefined, boolean][])('is written anew or not when %s', (_, key, isDue) => {
    expect(isSessionKeyDue(key, settings, 3_600_000)).toBe(isDue)
  })

  it('is replaced when its time is over, and not before', async () => {
    const clock = new ManualClock()
    const store = new InMemoryConfigStore()
    const keys = new SessionKeys({ store, settings, clock, random: () => 0.5, logger: silentLogger })
    await keys.rotate()
    const first = store.snapshot().sessionKey
    expect(first).toMatchObject({ algorithm: 'HmacSHA256', createdAt: clock.now() })
    expect(first?.key).toHaveLength(32)
    await clock.advance(settings.ttlMs - 1)
    await keys.rotate()
    expect(store.snapshot().sessionKey?.key).toEqual(first?.key)
    await clock.advance(1)
    await keys.rotate()
    expect(store.snapshot().sessionKey?.key).not.toEqual(first?.key)
  })

  it('is tried again after a pause when it cannot be written', async () => {
    const clock = new ManualClock()
    const store = new InMemoryConfigStore()
    store.failure = new Error('no leader')
    const keys = new SessionKeys({ store, settings, clock, random: () => 0.5, logger: silentLogger })
    await keys.rotate()
    store.failure = undefined
    await keys.rotate()
    expect(store.snapshot().sessionKey).toBeUndefined()
    await clock.advance(1000)
    await keys.rotate()
    expect(store.snapshot().sessionKey).toBeDefined()
  })
})
