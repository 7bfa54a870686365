import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SampleWindow } from '../../../src/metrics/sample-window.ts'

const recording = fc.record({ afterMs: fc.integer({ min: 0, max: 200 }), value: fc.integer({ min: -5, max: 50 }) })

/** The window as lists of values: slow, and plain to see. */
class ModelWindow {
  readonly #samples: { start: number; values: number[] }[] = []
  readonly #count: number
  readonly #sampleMs: number

  constructor(count: number, sampleMs: number) {
    this.#count = count
    this.#sampleMs = sampleMs
  }

  record(value: number, now: number): void {
    const newest = this.#samples.at(-1)
    if (newest === undefined || now - newest.start >= this.#sampleMs)
      this.#samples.push({ start: now, values: [value] })
    else newest.values.push(value)
  }

  read(now: number): { values: number[]; windowMs: number } {
    const live = this.#samples.slice(-this.#count).filter(({ start }) => now - start < this.#count * this.#sampleMs)
    const elapsed = now - (live[0]?.start ?? now)
    const full = Math.floor(elapsed / this.#sampleMs)
    const windowMs = Math.max(elapsed + Math.max(this.#count - 1 - full, 0) * this.#sampleMs, 1)
    return { values: live.flatMap(({ values }) => values), windowMs }
  }
}

describe('SampleWindow', () => {
  it('holds what lists of values would hold, whatever lies beside it in the array', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(recording, { maxLength: 60 }),
        fc.integer({ min: 0, max: 300 }),
        (samples, sampleMs, recordings, waitMs) => {
          const window = new SampleWindow(samples, sampleMs)
          const model = new ModelWindow(samples, sampleMs)
          const slots = new Float64Array(window.slots + 2).fill(7)
          window.clear(slots, 1)
          let now = 0
          for (const { afterMs, value } of recordings) {
            now += afterMs
            window.record(slots, 1, value, now)
            model.record(value, now)
          }
          const { values, windowMs } = model.read(now + waitMs)
          expect(window.read(slots, 1, now + waitMs)).toEqual({
            windowSum: values.reduce((sum, value) => sum + value, 0),
            windowCount: values.length,
            windowMax: values.length === 0 ? NaN : Math.max(...values),
            windowMin: values.length === 0 ? NaN : Math.min(...values),
            windowMs
          })
          expect([slots[0], slots.at(-1)]).toEqual([7, 7])
        }
      )
    )
  })

  it('divides the first values by a window more than has passed', () => {
    const window = new SampleWindow(2, 30_000)
    const slots = new Float64Array(window.slots)
    window.clear(slots, 0)
    window.record(slots, 0, 70, 1000)
    expect(window.read(slots, 0, 6000)).toMatchObject({ windowSum: 70, windowMs: 35_000 })
  })
})
