import { describe, expect, it } from 'vitest'
import { compileJavaPattern } from '../../src/config/java-regex/java-pattern.ts'
import vectors from './vectors/java-pattern.json' with { type: 'json' }

type Vector = [pattern: string, matching: string[], other: string[]]

describe('compileJavaPattern', () => {
  it.each(vectors.matches as Vector[])('decides like java.util.regex: %j', (pattern, matching, other) => {
    const expression = compileJavaPattern(pattern)
    expect(matching.filter((subject) => !expression.test(subject))).toEqual([])
    expect(other.filter((subject) => expression.test(subject))).toEqual([])
  })
})
