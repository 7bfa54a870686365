import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FrameMemory } from '../../../src/net/connection.ts'
import { FrameReceiver } from '../../../src/net/frame-receiver.ts'
import { BufferPool } from '../../../src/net/buffer-pool.ts'

const windowBytes = 64

interface Delivered {
  readonly frame: Buffer
  readonly memory: FrameMemory
}

function receiver(onFrame: (delivered: Delivered) => void, bufferBytes = 256) {
  const buffers = new BufferPool({ bufferBytes, pooledBytes: 4 * bufferBytes })
  const frames = new FrameReceiver({
    buffers,
    maxFrameBytes: 2_000,
    windowBytes,
    onFrame: (frame, memory) => {
      onFrame({ frame, memory })
    }
  })
  return { buffers, frames }
}

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** Plays the socket: fills each window with at most `most` bytes. */
function feed(frames: FrameReceiver, stream: Buffer, most: (window: Buffer) => number): void {
  for (let at = 0; at < stream.length;) {
    const window = frames.window()
    expect(window.length).toBeGreaterThan(0)
    const count = Math.min(most(window), window.length, stream.length - at)
    stream.copy(window, 0, at, at + count)
    at += count
    frames.received(count)
  }
}

describe('FrameReceiver', () => {
  test('delivers the frames that were sent, however the stream is cut, and retained ones stay as they were', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 30 })
    const cuts = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 })
    const kept = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
    fc.assert(
      fc.property(bodies, cuts, kept, (sent, sizes, lifetimes) => {
        const alive: (Delivered & { releaseAt: number; index: number })[] = []
        let index = 0
        const check = (limit: number): void => {
          while (alive[0] !== undefined && alive[0].releaseAt <= limit) {
            const oldest = alive.shift()
            expect(oldest?.frame).toEqual(Buffer.from(sent[oldest?.index ?? 0] ?? []))
            oldest?.memory.release()
          }
        }
        const { frames, buffers } = receiver((delivered) => {
          const lifetime = lifetimes[index % lifetimes.length] ?? 0
          expect(delivered.frame).toEqual(Buffer.from(sent[index] ?? []))
          if (lifetime > 0) {
            delivered.memory.retain()
            alive.push({ ...delivered, releaseAt: index + lifetime, index })
          }
          check(index)
          index += 1
        })
        let cut = 0
        feed(frames, Buffer.concat(sent.map(framed)), () => sizes[cut++ % sizes.length] ?? 1)
        expect(index).toBe(sent.length)
        check(Infinity)
        // All that is left in use is the buffer being filled.
        expect(buffers.usedBytes).toBeLessThanOrEqual(2_004)
      })
    )
  })

  test('gives the memory of a frame beyond what is pooled back before the next one', () => {
    const used: number[] = []
    const { frames, buffers } = receiver(() => {
      used.push(buffers.usedBytes)
    })
    for (const length of [10, 1_500, 10]) feed(frames, framed(Buffer.alloc(length)), () => windowBytes)
    expect(used).toEqual([256, 1_504, 256])
  })

  test('a stream of short frames that nobody keeps runs in one buffer', () => {
    const { frames, buffers } = receiver(() => undefined)
    feed(frames, Buffer.concat(Array.from({ length: 100 }, () => framed(Buffer.alloc(30)))), () => 17)
    expect([buffers.usedBytes, buffers.freeBytes]).toEqual([256, 0])
  })

  test('an impossible length ends the connection before anything is allocated for it', () => {
    for (const [bytes, expected] of [
      [Buffer.from([0x7f, 0xff, 0xff, 0xff]), 'Frame of 2147483647 bytes, at most 2000'],
      [Buffer.from([0xff, 0xff, 0xff, 0xff]), 'Frame of -1 bytes'],
      [Buffer.from('HTTP/1.1 400 Bad Request'), 'speaks HTTP'],
      [Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]), 'speaks TLS']
    ] as const) {
      const { frames, buffers } = receiver(() => undefined)
      expect(() => {
        feed(frames, bytes, () => 100)
      }).toThrow(
        expect.objectContaining({ code: 'MIRROR_PROTOCOL', message: expect.stringContaining(expected) as string })
      )
      expect(buffers.usedBytes).toBe(256)
    }
  })
})
