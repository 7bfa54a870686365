import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareMirrored, type IdentifiedRecord, identified } from '../../support/invariants.ts'

/** One letter a record; offsets rise from `first`. */
const log = (letters: string, partition = 0, first = 100): IdentifiedRecord[] =>
  Array.from(letters, (identity, index) => ({ partition, offset: BigInt(first + index), identity }))

const compare = (source: string, target: string) => compareMirrored(log(source), log(target, 0, 0))
const nothingWrong = { duplicates: 0, replays: [], missing: [], faults: [] }

describe('compareMirrored', () => {
  test('finds nothing wrong with a copy', () => {
    expect(compare('abcde', 'abcde')).toEqual({ records: 5, ...nothingWrong })
  })

  test('names what is missing by source offsets', () => {
    const missing = [
      { partition: 0, fromOffset: 100n, toOffset: 101n },
      { partition: 0, fromOffset: 103n, toOffset: 103n },
      { partition: 0, fromOffset: 105n, toOffset: 105n }
    ]
    expect(compare('abcdef', 'ce')).toEqual({ records: 6, ...nothingWrong, missing })
  })

  test('counts what is repeated from an earlier record on', () => {
    expect(compare('abcde', 'abcbcde')).toEqual({
      ...{ records: 5, ...nothingWrong, duplicates: 2 },
      replays: [{ partition: 0, fromOffset: 101n, toOffset: 102n }]
    })
  })

  test('counts a repeat that was itself interrupted', () => {
    expect(compare('abcde', 'abcdbcbcde')).toMatchObject({ duplicates: 5, missing: [], faults: [] })
  })

  test('lets a replay pass over what was never mirrored', () => {
    expect(compare('abcdef', 'abdeabdef')).toMatchObject({ duplicates: 4, faults: [], missing: [{ fromOffset: 102n }] })
  })

  test.each([
    ['two records that changed places', 'abcd', 'acbd', /source offset 101 comes late/],
    ['a replay with a hole', 'abcde', 'abcdace', /leaves out source offset 101/],
    ['a replay that ends before it has caught up', 'abcd', 'abcdab', /ends at source offset 101/],
    ['a record that the source never had', 'abc', 'abxc', /target offset 2: the source has no such record/]
  ])('calls %s a fault', (_, source, target, fault) => {
    expect(compare(source, target).faults[0]).toMatch(fault)
  })

  test('keeps partitions apart', () => {
    const report = compareMirrored([...log('ab', 0), ...log('ab', 1)], [...log('ab', 1), ...log('a', 0)])
    expect(report).toMatchObject({
      records: 4,
      duplicates: 0,
      missing: [{ partition: 0, fromOffset: 101n }],
      faults: []
    })
  })

  test('refuses a source in which records cannot be told apart', () => {
    expect(() => compare('aba', 'aba')).toThrow(/look alike/)
  })

  test('accepts every log that restarts write, and counts its repeats', () => {
    const letters = 'abcdefghijklmnop'
    const restarts = fc.array(fc.tuple(fc.nat(letters.length), fc.nat(letters.length)), { maxLength: 6 })
    fc.assert(
      fc.property(restarts, (crashes) => {
        let written = ''
        let furthest = 0
        for (const [from, to] of [...crashes, [0, letters.length] as const]) {
          const start = Math.min(from, furthest)
          const end = Math.max(to, furthest)
          written += letters.slice(start, end)
          furthest = end
        }
        expect(compare(letters, written)).toMatchObject({
          ...{ missing: [], faults: [], duplicates: written.length - letters.length }
        })
      })
    )
  })
})

test('records that differ anywhere have different identities', () => {
  const record = { partition: 0, offset: 0n, timestamp: 1n, timestampType: 'CreateTime' as const }
  const variants = [
    { ...record, key: null, value: null, headers: [] },
    { ...record, key: Buffer.of(), value: null, headers: [] },
    { ...record, key: null, value: Buffer.of(), headers: [] },
    { ...record, key: null, value: null, headers: [{ key: '', value: null }] },
    { ...record, timestamp: 2n, key: null, value: null, headers: [] }
  ]
  expect(new Set(variants.map((variant) => identified(variant).identity)).size).toBe(variants.length)
})
