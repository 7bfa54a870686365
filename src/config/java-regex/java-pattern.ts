import { type CodePointRange, CodePointSet, codePointSource, single } from './code-point-set.ts'
import { anything, escapeCharacters, escapeClasses, lineTerminators, posixClasses } from './java-classes.ts'
import { PatternReader } from './pattern-reader.ts'

/**
 * Compiles a pattern in the dialect of java.util.regex (JDK 17) to an expression that matches whole subjects only.
 * The outcome is exactly Java's or there is none: what JavaScript cannot express, and what Java's own versions disagree
 * on, is refused.
 * @throws MirrorError MIRROR_CONFIG_INVALID naming the pattern, the place and what to write instead
 */
export function compileJavaPattern(pattern: string): RegExp {
  const translation = new Translation(new PatternReader(pattern))
  return new RegExp(`^(?:${translation.whole()})$`, 'u')
}

/** A pattern with what a replacement needs to know of it. */
export interface JavaPattern {
  readonly pattern: string
  /** Matches whole subjects only. */
  readonly whole: RegExp
  /** Finds the first match within a subject. */
  readonly first: RegExp
  readonly groupCount: number
  readonly groupNames: ReadonlyMap<string, number>
  /**
   * Groups that a replacement cannot refer to: of a repeated group Java keeps the text of an earlier round and JavaScript
   * forgets it, and so it is within look-around.
   */
  readonly ambiguousGroups: ReadonlySet<number>
}

/** As `compileJavaPattern`, for replacing. */
export function parseJavaPattern(pattern: string): JavaPattern {
  const translation = new Translation(new PatternReader(pattern))
  const source = translation.whole()
  const { groupCount, groupNames, ambiguousGroups } = translation
  const [whole, first] = [new RegExp(`^(?:${source})$`, 'u'), new RegExp(source, 'u')]
  return { pattern, whole, first, groupCount, groupNames, ambiguousGroups }
}

interface Flags {
  readonly ignoreCase: boolean
  readonly dotAll: boolean
}

/** `$` and `\Z`: at the end, or before a line terminator that ends the subject, but never inside `\r\n`. */
const endOrLastTerminator = '(?:(?=(?:\\r\\n|[\\r\\u{85}\\u{2028}\\u{2029}])?$)|(?<!\\r)(?=\\n$))'

/** Recursive descent over one pattern. Each method returns the JavaScript source of what it read. */
class Translation {
  readonly #reader: PatternReader
  /** Inline flags hold from where they stand to the end of the enclosing group, across its `|`. */
  #flags: Flags = { ignoreCase: false, dotAll: false }
  #lookBehindDepth = 0
  groupCount = 0
  readonly groupNames = new Map<string, number>()
  readonly ambiguousGroups = new Set<number>()

  constructor(reader: PatternReader) {
    this.#reader = reader
  }

  whole(): string {
    const source = this.#alternatives()
    if (!this.#reader.isAtEnd) throw this.#reader.refusal('has a ")" without "("', 'write \\) for the character')
    return source
  }

  #alternatives(): string {
    let source = ''
    for (;;) {
      const next = this.#reader.peek()
      if (this.#reader.isAtEnd || next === ')') return source
      if (this.#reader.skip('|')) source += '|'
      else source += this.#term()
    }
  }

  #term(): string {
    const reader = this.#reader
    const next = reader.peek()
    if (next === '(') return this.#group()
    if (next === '[') return this.#quantified(this.#characterClass())
    if (next !== undefined && '*+?{'.includes(next)) {
      throw reader.refusal(`has "${next}" with nothing to repeat`, `write \\${next} for the character`)
    }
    if (reader.skip('^')) return this.#unrepeatable('^')
    if (reader.skip('$')) return this.#unrepeatable(endOrLastTerminator)
    if (reader.skip('.')) {
      const set = this.#flags.dotAll ? anything : lineTerminators.complement()
      return this.#quantified(set.toSource())
    }
    if (next === '\\') return this.#escape()
    return this.#quantified(this.#literal(codePoint(reader.take().text)))
  }

  #literal(character: number): string {
    // Lists of thousands of topics come through here once for each task.
    if (!this.#flags.ignoreCase) return codePointSource(character)
    return new CodePointSet([single(character)]).foldAscii().toSource()
  }

  #group(): string {
    const reader = this.#reader
    const outer = this.#flags
    reader.skip('(')
    const firstGroup = this.groupCount + 1
    const opening = reader.skip('?') ? this.#groupKind() : this.#capture()
    // Flags without a body: they change the enclosing group from here on, so they are not restored.
    if (opening === null) return this.#unrepeatable('')
    const isLookBehind = opening.startsWith('(?<')
    const isLook = opening !== '(?:' && opening !== '('
    if (isLookBehind) this.#lookBehindDepth += 1
    const body = this.#alternatives()
    if (isLookBehind) this.#lookBehindDepth -= 1
    if (!reader.skip(')'))
      throw reader.refusal('has a "(" that is not closed', 'close it, or write \\( for the character')
    this.#flags = outer
    const source = `${opening}${body})`
    const quantified = isLook ? this.#unrepeatable(source) : this.#quantified(source)
    if (isLook || !/^\??$/.test(quantified.slice(source.length))) {
      for (let group = firstGroup; group <= this.groupCount; group++) this.ambiguousGroups.add(group)
    }
    return quantified
  }

  #capture(): string {
    this.groupCount += 1
    return '('
  }

  /** What stands after `(?`: how the group opens in JavaScript, or null for flags without a body. */
  #groupKind(): string | null {
    const reader = this.#reader
    if (reader.peek() === '>') throw reader.refusal('has an atomic group (?>...)', 'JavaScript has none; write (?:...)')
    for (const kind of [':', '=', '!', '<=', '<!']) if (reader.skip(kind)) return `(?${kind}`
    if (reader.skip('<')) {
      const name = reader.takeWhile(/[A-Za-z0-9]/)
      if (!/^[A-Za-z]/.test(name) || this.groupNames.has(name) || !reader.skip('>')) {
        throw reader.refusal('has a malformed group name, or one twice', 'write (?:...)')
      }
      const opening = this.#capture()
      this.groupNames.set(name, this.groupCount)
      return opening
    }
    this.#readFlags()
    if (reader.skip(')')) return null
    if (reader.skip(':')) return '(?:'
    throw reader.refusal('has a group (?...) of an unknown kind', 'write (?:...) for a group')
  }

  #readFlags(): void {
    const reader = this.#reader
    let isOn = true
    for (let letter = reader.peek(); letter !== undefined && letter !== ')' && letter !== ':'; letter = reader.peek()) {
      if (letter === '-' && isOn) isOn = false
      else if (letter === 'i') this.#flags = { ...this.#flags, ignoreCase: isOn }
      else if (letter === 's') this.#flags = { ...this.#flags, dotAll: isOn }
      else throw reader.refusal(`has the inline flag "${letter}"`, 'only i and s are supported')
      reader.skip(letter)
    }
  }

  #escape(): string {
    const reader = this.#reader
    if (reader.skip('\\A')) return this.#unrepeatable('^')
    if (reader.skip('\\z')) return this.#unrepeatable('$')
    if (reader.skip('\\Z')) return this.#unrepeatable(endOrLastTerminator)
    const meaning = this.#escapeMeaning()
    const source = typeof meaning === 'number' ? this.#literal(meaning) : meaning.toSource()
    return this.#quantified(source)
  }

  /** Reads a backslash and what belongs to it: one character, or a class. The same inside and outside of brackets. */
  #escapeMeaning(): number | CodePointSet {
    const reader = this.#reader
    reader.skip('\\')
    const letter = reader.peek()
    if (letter === undefined) throw reader.refusal('ends in a backslash', 'write \\\\ for the character')
    const known = this.#classEscape(letter) ?? this.#numericEscape(letter) ?? ownEntry(escapeCharacters, letter)
    if (known !== undefined) {
      if (letter in escapeCharacters) reader.take()
      return known
    }
    if (/[1-9k]/.test(letter)) throw reader.refusal('refers back to a group', 'such references are not supported')
    if (/[A-Za-z0]/.test(letter)) {
      throw reader.refusal(
        `has \\${letter}`,
        'it is not supported; name the characters that are meant, like [^A-Za-z0-9]'
      )
    }
    return codePoint(reader.take().text)
  }

  #classEscape(letter: string): CodePointSet | undefined {
    const reader = this.#reader
    const predefined = ownEntry(escapeClasses, letter.toLowerCase())
    const isComplement = letter !== letter.toLowerCase()
    if (predefined !== undefined) {
      reader.take()
      return isComplement ? predefined.complement() : predefined
    }
    if (letter !== 'p' && letter !== 'P') return undefined
    reader.take()
    const name = reader.skip('{') ? reader.takeWhile(/[^}]/) : ''
    const posix = ownEntry(posixClasses, name)
    // JDK 17 and later JDKs disagree on whether (?i) widens these two.
    const isAmbiguous = this.#flags.ignoreCase && (name === 'Lower' || name === 'Upper')
    if (posix === undefined || isAmbiguous || !reader.skip('}')) {
      const accepted = Object.keys(posixClasses).join(', ')
      throw reader.refusal(
        `has the class \\${letter}{${name}}${isAmbiguous ? ' under (?i)' : ''}`,
        `supported are ${accepted} (Lower and Upper without (?i)); or name the characters, like [a-z]`
      )
    }
    return isComplement ? posix.complement() : posix
  }

  /** `\0n`, `\xhh`, `\x{h}`, `\uhhhh` and `\cX`. */
  #numericEscape(letter: string): number | undefined {
    const reader = this.#reader
    if (!'0xuc'.includes(letter)) return undefined
    reader.take()
    let digits: string
    if (letter === '0') {
      digits = reader.takeWhile(/[0-7]/, /[0-3]/.test(reader.peek() ?? '') ? 3 : 2)
      if (digits !== '') return parseInt(digits, 8)
    } else if (letter === 'c') {
      return codePoint(reader.take().text) ^ 64
    } else if (letter === 'u') {
      return this.#utf16Escape()
    } else if (reader.skip('{')) {
      digits = reader.takeWhile(/[0-9A-Fa-f]/, 6)
      if (digits !== '' && reader.skip('}')) return this.#scalar(parseInt(digits, 16))
    } else {
      digits = reader.takeWhile(/[0-9A-Fa-f]/, 2)
      if (digits.length === 2) return parseInt(digits, 16)
    }
    throw reader.refusal(`has a malformed \\${letter}`, 'complete it')
  }

  /** After `\u`. Two escapes that make a surrogate pair are one character. */
  #utf16Escape(): number {
    const reader = this.#reader
    const first = reader.takeWhile(/[0-9A-Fa-f]/, 4)
    if (first.length < 4) throw reader.refusal('has a malformed \\u', 'write four hexadecimal digits')
    const unit = parseInt(first, 16)
    if (unit < 0xd800 || unit > 0xdbff || !reader.skip('\\u')) return this.#scalar(unit)
    const second = reader.takeWhile(/[0-9A-Fa-f]/, 4)
    const character = String.fromCharCode(unit, parseInt(second.padStart(4, '0'), 16))
    return this.#scalar(codePoint(character))
  }

  #scalar(character: number): number {
    if (character <= 0x10ffff && (character < 0xd800 || character > 0xdfff)) return character
    throw this.#reader.refusal('names half of a surrogate pair, or no character', 'name a character')
  }

  #characterClass(): string {
    const reader = this.#reader
    reader.skip('[')
    const isComplement = reader.skip('^')
    if (reader.peek() === ']') throw reader.refusal('has "]" first in a class', 'write \\] for the character')
    const ranges: CodePointRange[] = []
    while (!reader.skip(']')) ranges.push(...this.#classMember())
    const set = new CodePointSet(ranges)
    return (isComplement ? set.complement() : set).toSource()
  }

  #classMember(): readonly CodePointRange[] {
    const reader = this.#reader
    const first = this.#classAtom()
    const isRange = reader.peek() === '-' && reader.peek(1) !== ']' && reader.peek(1) !== '['
    if (typeof first !== 'number') {
      if (isRange) throw reader.refusal('has "-" after a class', 'write \\- for the character')
      return first.ranges
    }
    if (!isRange) return this.#folded(first, first)
    reader.skip('-')
    const last = this.#classAtom()
    if (typeof last !== 'number' || last < first)
      throw reader.refusal('has a range that is none', 'write \\- for the character')
    return this.#folded(first, last)
  }

  #folded(first: number, last: number): readonly CodePointRange[] {
    const set = new CodePointSet([[first, last]])
    return (this.#flags.ignoreCase ? set.foldAscii() : set).ranges
  }

  #classAtom(): number | CodePointSet {
    const reader = this.#reader
    const next = reader.peek()
    if (next === '[') throw reader.refusal('has a class inside a class', 'write one class, or \\[ for the character')
    if (next === '&' && reader.peek(1) === '&') {
      throw reader.refusal('intersects classes with &&', 'write the resulting class, or \\& for the character')
    }
    if (reader.isAtEnd) throw reader.refusal('has a "[" that is not closed', 'close it, or write \\[ for the character')
    return next === '\\' ? this.#escapeMeaning() : codePoint(reader.take().text)
  }

  #quantified(atom: string): string {
    const reader = this.#reader
    const quantifier = this.#quantifier()
    if (quantifier === '') return atom
    if (reader.peek() === '+')
      throw reader.refusal('has a possessive quantifier', 'JavaScript has none; drop the second "+"')
    if (this.#lookBehindDepth > 0 && /[*+]|,\}/.test(quantifier)) {
      throw reader.refusal('repeats without bound in a look-behind', 'Java refuses that; give a maximum')
    }
    const isLazy = reader.skip('?')
    const next = reader.peek()
    if (next !== undefined && '*+?{'.includes(next)) throw reader.refusal('has two quantifiers in a row', 'use one')
    return `${atom}${quantifier}${isLazy ? '?' : ''}`
  }

  #quantifier(): string {
    const reader = this.#reader
    for (const simple of ['*', '+', '?']) if (reader.skip(simple)) return simple
    if (!reader.skip('{')) return ''
    const least = reader.takeWhile(/[0-9]/)
    const bounds = reader.skip(',') ? `${least},${reader.takeWhile(/[0-9]/)}` : least
    const [min = '', max = ''] = bounds.split(',')
    if (min === '' || !reader.skip('}') || (max !== '' && Number(max) < Number(min)) || bounds.length > 9) {
      throw reader.refusal('has a malformed {n} or {n,m}', 'write \\{ for the character')
    }
    return `{${bounds}}`
  }

  /** Something that takes no room: Java repeats it without effect, JavaScript refuses that. */
  #unrepeatable(source: string): string {
    const next = this.#reader.peek()
    if (next === undefined || !'*+?{'.includes(next)) return source
    throw this.#reader.refusal('repeats something that takes no room', 'drop the quantifier')
  }
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}

function ownEntry<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
