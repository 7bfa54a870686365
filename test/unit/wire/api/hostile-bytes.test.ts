import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../../src/wire/reader.ts'
import { controlPathCases } from '../../../support/wire-cases/control-path.ts'
import { dataPathCases } from '../../../support/wire-cases/data-path.ts'
import { readVectors, type WireCase } from '../../../support/wire-cases/wire-case.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const vectors = readVectors('kafka-4.3.1')

/** Array elements in a decoded value, at all depths. */
function elements(value: unknown): number {
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return 0
  const inner: unknown[] = Object.values(value)
  return (Array.isArray(value) ? value.length : 0) + inner.reduce<number>((sum, item) => sum + elements(item), 0)
}

/** Decodes what may be anything: only ProtocolError may come out, and no more elements than there are bytes. */
function survive(wireCase: WireCase, version: number, body: Buffer): void {
  try {
    const { value } = wireCase.decodeResponse(version, body)
    expect(elements(value)).toBeLessThanOrEqual(body.length)
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

describe.each([...dataPathCases, ...controlPathCases])('$name responses', (wireCase) => {
  const own = vectors.filter(({ name }) => name === wireCase.name)
  const bodies = own.map(({ version, response }) => ({ version, body: Buffer.from(response, 'hex') }))

  it('that end early at any byte are refused', () => {
    for (const { version, body } of bodies) {
      for (let length = 0; length < body.length; length++) {
        expect(() => wireCase.decodeResponse(version, body.subarray(0, length))).toThrow(ProtocolError)
      }
    }
  })

  it('with four bytes of ones or the largest length anywhere are refused or read within their size', () => {
    for (const { version, body } of bodies) {
      for (let at = 0; at < body.length; at++) {
        for (const lie of ['ffffffff', '7fffffff', '00ffffff', 'ffffff0f']) {
          const hostile = Buffer.concat([body, Buffer.alloc(4)])
          hostile.write(lie, at, 'hex')
          survive(wireCase, version, hostile)
        }
      }
    }
  })

  it('with random changes are refused or read within their size', () => {
    const change = fc.record({ at: fc.nat({ max: 400 }), byte: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.array(change, { minLength: 1, maxLength: 8 }), (valid, changes) => {
        const hostile = Buffer.from(valid.body)
        for (const { at, byte } of changes) hostile[at % hostile.length] = byte
        survive(wireCase, valid.version, hostile)
      }),
      propertyRuns(300)
    )
  })

  it('of nothing but noise are refused or read within their size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.uint8Array({ maxLength: 300 }), ({ version }, noise) => {
        survive(wireCase, version, Buffer.from(noise))
      }),
      propertyRuns(200)
    )
  })
})
