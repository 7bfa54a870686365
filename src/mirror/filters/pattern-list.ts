import { compileJavaPattern } from '../../config/java-regex/java-pattern.ts'

/**
 * The test of a setting that lists patterns: the whole subject must match one of them. The elements are joined before they
 * are compiled, as in the reference, so that `(?i)` in one of them holds for all later ones. No element: nothing matches.
 * @throws MirrorError MIRROR_CONFIG_INVALID for a pattern that cannot be obeyed exactly
 */
export function compilePatternList(patterns: readonly string[]): (subject: string) => boolean {
  if (patterns.length === 0) return () => false
  const expression = compileJavaPattern(patterns.join('|'))
  return (subject) => expression.test(subject)
}
