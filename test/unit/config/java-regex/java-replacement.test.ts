import { describe, expect, it } from 'vitest'
import { parseJavaPattern } from '../../../../src/config/java-regex/java-pattern.ts'
import { JavaReplacement } from '../../../../src/config/java-regex/java-replacement.ts'

const replace = (pattern: string, replacement: string, subject: string): string | undefined =>
  new JavaReplacement(parseJavaPattern(pattern), replacement).apply(subject)

describe('a replacement', () => {
  it.each([
    ['(.*)s', '$1', 'topics', 'topic'],
    ['t(op)ics', 'x\\$$1$0', 'topics', 'x$optopics'],
    ['(?<a>t)(.*)', '${a}-$2$11', 'topics', 't-opicst1'],
    ['x', 'y', 'topics', undefined],
    // Matches as a whole, but the first match, which is replaced, is shorter.
    ['a|ab', 'x', 'ab', 'xb'],
    ['(?:(x)|y).*', '[$1]', 'yz', '[]'],
    ['(?i:A)(b)', '$1$1', 'ab', 'bb']
  ])('of %s by %s in %s is %s', (pattern, replacement, subject, expected) => {
    expect(replace(pattern, replacement, subject)).toBe(expected)
  })

  it.each([
    ['a', '$1', 'a group that'],
    ['a', '${n}', 'a group that'],
    ['a', 'x$', 'stands for nothing'],
    ['a', 'x\\', 'stands for nothing'],
    ['(a)+', '$1', 'is repeated'],
    ['(?:(a)|b)*', '$1', 'is repeated'],
    ['(?=(a)).', '$1', 'looks around']
  ])('of %s by %s is refused', (pattern, replacement, message) => {
    expect(() => replace(pattern, replacement, 'a')).toThrow(message)
  })
})
