import { describe, expect, it } from 'vitest'
import { judgeTranslation } from '../../../dev/translation-judge.ts'

/** A log that starts at offset 0: one record a letter, a blank is an offset without a record. */
function log(letters: string) {
  return Array.from(letters, (identity, index) => ({ offset: BigInt(index), identity })).filter(
    ({ identity }) => identity !== ' '
  )
}

function judged(source: string, target: string, upstreamOffset: bigint, downstreamOffset: bigint) {
  return judgeTranslation(log(source), log(target), { upstreamOffset, downstreamOffset })
}

const nothing = { goneOn: 3, skipped: 0, reRead: 0, duplicates: 0, notMirrored: 0 }

describe('the judge of translations', () => {
  it('finds nothing in the exact position, gaps or not', () => {
    expect(judged('abcdef', 'abcdef', 3n, 3n)).toEqual(nothing)
    expect(judged('ab cd ef', 'abcdef', 5n, 4n)).toEqual({ ...nothing, goneOn: 2 })
    expect(judged('abcdef', 'abcdef', 6n, 6n)).toEqual({ ...nothing, goneOn: 0 })
  })

  it('counts records that were read and come again', () => {
    expect(judged('abcdef', 'abcdef', 3n, 1n)).toEqual({ ...nothing, reRead: 2 })
  })

  it('counts records that are passed over unread', () => {
    expect(judged('abcdef', 'abcdef', 3n, 5n)).toEqual({ ...nothing, goneOn: 1, skipped: 2 })
  })

  it('takes the replay of a crash for no re-reading, but counts what comes twice', () => {
    // The mirror wrote up to d, and again from c on.
    expect(judged('abcdef', 'abcdcdef', 2n, 2n)).toEqual({ ...nothing, goneOn: 4, duplicates: 2 })
    expect(judged('abcdef', 'abcdcdef', 3n, 5n)).toEqual(nothing)
    // Going on in the older stretch: c was read, and comes again.
    expect(judged('abcdef', 'abcdcdef', 3n, 3n)).toEqual({ ...nothing, reRead: 1, duplicates: 1 })
  })

  it('does not blame the position for what has not been mirrored', () => {
    expect(judged('abcdef', 'abcd', 3n, 3n)).toEqual({ ...nothing, goneOn: 1, notMirrored: 2 })
  })
})
