import { MirrorError } from '../../base/errors.ts'

/** A character of a pattern. A quoted one (`\Q...\E`) has no special meaning anywhere. */
export interface PatternCharacter {
  readonly text: string
  readonly isQuoted: boolean
  /** Place in the pattern, in UTF-16 units. */
  readonly at: number
}

/** Reads a pattern character by character, with `\Q...\E` already taken apart as Java does before all else. */
export class PatternReader {
  readonly pattern: string
  readonly #characters: readonly PatternCharacter[]
  #next = 0

  constructor(pattern: string) {
    this.pattern = pattern
    this.#characters = unquote(pattern)
  }

  get isAtEnd(): boolean {
    return this.#next === this.#characters.length
  }

  /** The character `ahead` places on if it can have a special meaning, else undefined (quoted, or the end). */
  peek(ahead = 0): string | undefined {
    const character = this.#characters[this.#next + ahead]
    return character === undefined || character.isQuoted ? undefined : character.text
  }

  /** Takes the next character, special or not. */
  take(): PatternCharacter {
    const character = this.#characters[this.#next]
    if (character === undefined) throw this.refusal('ends too early', 'complete it')
    this.#next += 1
    return character
  }

  /** Takes these unquoted characters if all of them come next. */
  skip(text: string): boolean {
    for (let index = 0; index < text.length; index++) if (this.peek(index) !== text[index]) return false
    this.#next += text.length
    return true
  }

  /** Takes the longest run of unquoted characters that match. */
  takeWhile(accepted: RegExp, atMost = Infinity): string {
    let taken = ''
    while (taken.length < atMost) {
      const character = this.peek()
      if (character === undefined || !accepted.test(character)) break
      taken += character
      this.#next += 1
    }
    return taken
  }

  /** The error for a construct at the current place. */
  refusal(problem: string, advice: string): MirrorError {
    const at = this.#characters[this.#next]?.at ?? this.pattern.length
    return new MirrorError(
      'MIRROR_CONFIG_INVALID',
      `The pattern "${this.pattern}" ${problem} (at character ${at + 1}): ${advice}`
    )
  }
}

function unquote(pattern: string): PatternCharacter[] {
  const characters: PatternCharacter[] = []
  let isQuoted = false
  for (let at = 0; at < pattern.length;) {
    const text = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    if (pattern.startsWith(isQuoted ? '\\E' : '\\Q', at)) {
      isQuoted = !isQuoted
      at += 2
      continue
    }
    characters.push({ text, isQuoted, at })
    at += text.length
    if (isQuoted || text !== '\\' || at === pattern.length) continue
    // The character after a backslash belongs to it, so that in `\\Q` the second backslash opens no quotation.
    const escaped = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    characters.push({ text: escaped, isQuoted: false, at })
    at += escaped.length
  }
  return characters
}
