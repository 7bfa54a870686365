import { MirrorError } from '../../base/errors.ts'
import { type JavaPattern } from './java-pattern.ts'

/** Literal text, or the number of a group. */
type Piece = string | number

/** Replaces the first match of a pattern, with the replacement in the dialect of java.util.regex. */
export class JavaReplacement {
  readonly #pattern: JavaPattern
  readonly #pieces: readonly Piece[]

  /**
   * @param replacement `$1` or `${name}` for a group, a backslash before a character that means itself
   * @throws MirrorError MIRROR_CONFIG_INVALID for a reference that cannot be resolved; Java fails at the first match
   */
  constructor(pattern: JavaPattern, replacement: string) {
    this.#pattern = pattern
    this.#pieces = parse(replacement, pattern)
  }

  /** Undefined when the pattern does not match the whole subject. */
  apply(subject: string): string | undefined {
    if (!this.#pattern.whole.test(subject)) return undefined
    // As Java does: what is replaced is the first match, which may be shorter than the whole subject (`a|ab` in `ab`).
    const match = this.#pattern.first.exec(subject)
    if (match === null) return undefined
    const replaced = this.#pieces.map((piece) => (typeof piece === 'string' ? piece : (match[piece] ?? '')))
    return `${subject.slice(0, match.index)}${replaced.join('')}${subject.slice(match.index + match[0].length)}`
  }
}

function parse(replacement: string, pattern: JavaPattern): Piece[] {
  const pieces: Piece[] = []
  const token = /\\([^])|\$(\d+)|\$\{([A-Za-z][A-Za-z0-9]*)\}|([^\\$]+)/gy
  let at = 0
  while (at < replacement.length) {
    token.lastIndex = at
    const match = token.exec(replacement)
    if (match === null) throw refusal(replacement, 'has a "$" or "\\" that stands for nothing; write \\$ or \\\\')
    at = token.lastIndex
    const [, escaped, digits, name, literal] = match
    if (digits !== undefined) {
      const group = groupOf(digits, pattern.groupCount)
      pieces.push(checkedGroup(group, replacement, pattern), digits.slice(String(group).length))
    } else if (name === undefined) pieces.push(escaped ?? literal ?? '')
    else pieces.push(checkedGroup(pattern.groupNames.get(name) ?? Infinity, replacement, pattern))
  }
  return pieces
}

/** The first digit, and those behind it as long as there is such a group; the others are text. */
function groupOf(digits: string, groupCount: number): number {
  let group = Number(digits.charAt(0))
  for (const digit of digits.slice(1)) {
    if (group * 10 + Number(digit) > groupCount) break
    group = group * 10 + Number(digit)
  }
  return group
}

function checkedGroup(group: number, replacement: string, pattern: JavaPattern): number {
  if (group > pattern.groupCount) {
    throw refusal(replacement, `refers to a group that "${pattern.pattern}" does not have`)
  }
  if (pattern.ambiguousGroups.has(group)) {
    const problem = `refers to group ${group} of "${pattern.pattern}", which is repeated or looks around`
    throw refusal(replacement, `${problem}; put a group around the whole repetition`)
  }
  return group
}

function refusal(replacement: string, problem: string): MirrorError {
  return new MirrorError('MIRROR_CONFIG_INVALID', `The replacement "${replacement}" ${problem}`)
}
