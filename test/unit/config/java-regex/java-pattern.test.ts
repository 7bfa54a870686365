import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { compileJavaPattern } from '../../../../src/config/java-regex/java-pattern.ts'
import { compilePatternList } from '../../../../src/mirror/filters/pattern-list.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

describe('compileJavaPattern', () => {
  it('agrees with JavaScript on patterns that both dialects read alike', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'orders',
      '-',
      '_',
      '\\.',
      '[a-c]',
      '[^a]',
      '[\\w.-]',
      '\\d',
      '(a|b)',
      '(?:ab)'
    )
    const term = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '*?')).map((parts) => parts.join(''))
    const pattern = fc.array(
      fc.array(term, { maxLength: 4 }).map((terms) => terms.join('')),
      { minLength: 1, maxLength: 3 }
    )
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '-', '_', '.', 'orders', 'é'), maxLength: 6 })
    fc.assert(
      fc.property(pattern, subject, (alternatives, text) => {
        const joined = alternatives.join('|')
        expect(compileJavaPattern(joined).test(text)).toBe(new RegExp(`^(?:${joined})$`, 'u').test(text))
      })
    )
  })

  it('takes quoted text for the text itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\\E'))
        expect(compileJavaPattern(`\\Q${text}\\E`).test(text)).toBe(true)
        expect(compileJavaPattern(`x\\Q${text}`).test(`x${text}`)).toBe(true)
      })
    )
  })

  it('either compiles a text or refuses it with an error of its own', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('ab01(){}[]^$.|*+?\\-&:=!<>,iQEpPxuZ')),
      maxLength: 12
    })
    fc.assert(
      fc.property(text, (pattern) => {
        try {
          expect(compileJavaPattern(pattern)).toBeInstanceOf(RegExp)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MirrorError)
        }
      }),
      propertyRuns(2000)
    )
  })

  it.each([
    ['a++', 'possessive'],
    ['a{2}+', 'possessive'],
    ['(?>a)', 'atomic'],
    ['[a&&b]', '&&'],
    ['[a[b]]', 'class inside a class'],
    ['[]a]', '"]" first'],
    ['[\\w-z]', '"-" after a class'],
    ['(a)\\1', 'refers back'],
    ['(?<n>a)\\k<n>', 'refers back'],
    ['(?m)a', 'inline flag "m"'],
    ['(?u)a', 'inline flag "u"'],
    ['\\bfoo', '\\b'],
    ['\\R', '\\R'],
    ['\\p{L}', '\\p{L}'],
    ['(?i)\\p{Upper}', 'under (?i)'],
    ['(?<=a*)b', 'look-behind'],
    ['*.orders', 'nothing to repeat'],
    ['a{1', 'malformed {n}'],
    ['a|b)', 'without "("'],
    ['(a', 'not closed'],
    ['[a', 'not closed'],
    ['a\\', 'backslash'],
    ['^*', 'takes no room']
  ])('refuses %j and says why', (pattern, reason) => {
    let message = ''
    try {
      compileJavaPattern(pattern)
    } catch (thrown) {
      if (thrown instanceof MirrorError) message = thrown.message
    }
    expect(message).toContain(`The pattern "${pattern}"`)
    expect(message).toContain(reason)
  })
})

describe('compilePatternList', () => {
  it('matches nothing when there is no pattern', () => {
    expect(compilePatternList([])('')).toBe(false)
  })

  it('lets an inline flag hold for later patterns and not for earlier ones', () => {
    const matches = compilePatternList(['zoo', '(?i)foo', 'bar'])
    expect(['FOO', 'BAR', 'zoo'].every(matches)).toBe(true)
    expect(matches('ZOO')).toBe(false)
  })

  it('folds the case of ASCII letters only, as Java does', () => {
    expect(compilePatternList(['(?i)k'])('\u212a')).toBe(false)
  })
})
