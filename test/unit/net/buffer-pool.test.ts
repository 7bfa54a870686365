import { describe, expect, test } from 'vitest'
import { BufferPool } from '../../../src/net/buffer-pool.ts'

const limits = { bufferBytes: 100, pooledBytes: 300 }

describe('BufferPool', () => {
  test('a buffer is used again once everybody has released it, and not before', () => {
    const pool = new BufferPool(limits)
    const first = pool.take(0)
    first.retain()
    first.release()
    expect(pool.take(0).bytes).not.toBe(first.bytes)
    first.release()
    expect(pool.take(0).bytes).toBe(first.bytes)
  })

  test('a longer frame gets a buffer of its length, which serves the next long one', () => {
    const pool = new BufferPool(limits)
    const long = pool.take(150)
    expect(long.bytes.length).toBe(150)
    long.release()
    expect(pool.take(120).bytes).toBe(long.bytes)
  })

  test('free buffers are dropped, oldest first, when with those in use they exceed the limit', () => {
    const pool = new BufferPool(limits)
    const long = pool.take(250)
    const others = [pool.take(0), pool.take(0)]
    long.release()
    expect(pool.freeBytes).toBe(0)
    for (const other of others) other.release()
    expect([pool.usedBytes, pool.freeBytes]).toEqual([0, 200])
  })

  test('it is exhausted while more than the limit is in use', () => {
    const pool = new BufferPool(limits)
    const taken = [pool.take(0), pool.take(0), pool.take(0)]
    expect(pool.exhausted).toBe(false)
    taken.push(pool.take(0))
    expect(pool.exhausted).toBe(true)
    taken.pop()?.release()
    expect(pool.exhausted).toBe(false)
  })

  test("a release too many, or a retain after the last, is refused: the memory may be somebody else's by now", () => {
    const buffer = new BufferPool(limits).take(0)
    buffer.release()
    expect(() => {
      buffer.release()
    }).toThrow('more often')
    expect(() => {
      buffer.retain()
    }).toThrow('after its last release')
  })
})
