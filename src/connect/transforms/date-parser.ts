import { MirrorError } from '../../base/errors.ts'
import { dayNames, type DateElement, type DateLetter, monthNames } from './date-pattern.ts'

type DateField =
  'year' | 'month' | 'day' | 'dayOfYear' | 'hour' | 'minute' | 'second' | 'milli' | 'isAfternoon' | 'offset'
type Fields = Partial<Record<DateField, number>>

/** Numbers: which field they are, and what they count from. */
const numbers: Partial<
  Record<DateLetter, { readonly field: DateField; readonly shift?: number; readonly wrapsAt?: number }>
> = {
  y: { field: 'year' },
  M: { field: 'month', shift: -1 },
  L: { field: 'month', shift: -1 },
  d: { field: 'day' },
  D: { field: 'dayOfYear' },
  H: { field: 'hour' },
  k: { field: 'hour', wrapsAt: 24 },
  K: { field: 'hour' },
  h: { field: 'hour', wrapsAt: 12 },
  m: { field: 'minute' },
  s: { field: 'second' },
  S: { field: 'milli' }
}

/** What the letters z and Z stand for. */
const namedZone = /UTC|GMT(?:([+-])(\d{1,2}):?(\d{2}))?|([+-])(\d{2})(\d{2})/iy
/** What one, two and three letters X stand for. */
const isoZones = [/Z|([+-])(\d{2})/y, /Z|([+-])(\d{2})(\d{2})/y, /Z|([+-])(\d{2}):(\d{2})/y]

/** Reads `text` by the elements of a date pattern. Throws MirrorError MIRROR_CONVERSION. */
export function parseDate(text: string, elements: readonly DateElement[], pattern: string): number {
  const fields: Fields = {}
  let at = 0
  for (const [index, element] of elements.entries()) {
    const next =
      typeof element === 'string'
        ? skipLiteral(text, at, element)
        : parseElement(text, skipBlanks(text, at), fields, {
            element,
            isAbutting: isNumber(elements[index + 1]),
            pattern
          })
    if (next === undefined) {
      throw new MirrorError('MIRROR_CONVERSION', `"${text}" is no date of the format "${pattern}"`)
    }
    at = next
  }
  return millisOf(fields)
}

function millisOf(fields: Fields): number {
  const { year = 1970, hour = 0, minute = 0, second = 0, milli = 0, offset = 0, isAfternoon = 0 } = fields
  const [month, day] = fields.dayOfYear === undefined ? [fields.month ?? 0, fields.day ?? 1] : [0, fields.dayOfYear]
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour + 12 * isAfternoon, minute, second, milli)
  return date.getTime() - offset * 60_000
}

function skipBlanks(text: string, at: number): number {
  let next = at
  while (text[next] === ' ' || text[next] === '\t') next += 1
  return next
}

function skipLiteral(text: string, at: number, literal: string): number | undefined {
  return text.startsWith(literal, at) ? at + literal.length : undefined
}

function isNumber(element: DateElement | undefined): boolean {
  if (element === undefined || typeof element === 'string') return false
  return element.letter in numbers && !isName(element)
}

function isName({ letter, count }: { readonly letter: DateLetter; readonly count: number }): boolean {
  return (letter === 'M' || letter === 'L') && count >= 3
}

interface Place {
  readonly element: { readonly letter: DateLetter; readonly count: number }
  /** Whether a number follows at once: this one has as many digits then as its letters. */
  readonly isAbutting: boolean
  readonly pattern: string
}

/** Where the element ends, or undefined when it is not there. */
function parseElement(text: string, at: number, fields: Fields, place: Place): number | undefined {
  const { element } = place
  const { letter } = element
  if (isName(element)) return parseName(text, at, monthNames, (index) => (fields.month = index))
  if (letter === 'E') return parseName(text, at, dayNames, () => undefined)
  if (letter === 'a') return parseName(text, at, ['AM', 'PM'], (index) => (fields.isAfternoon = index))
  if (letter === 'z' || letter === 'Z' || letter === 'X') return parseZone(text, at, fields, element)
  return parseNumber(text, at, fields, place)
}

function parseNumber(text: string, at: number, fields: Fields, place: Place): number | undefined {
  const { element, isAbutting, pattern } = place
  const { letter, count } = element
  const kind = numbers[letter]
  if (kind === undefined || (letter === 'y' && count === 2)) {
    const advice = letter === 'y' ? 'yy, which leaves the century open; write yyyy' : letter
    throw new MirrorError('MIRROR_CONVERSION', `Dates cannot be read by the format "${pattern}": it has ${advice}`)
  }
  const digits = new RegExp(isAbutting ? `\\d{1,${count}}` : '-?\\d+', 'y')
  digits.lastIndex = at
  const found = digits.exec(text)?.[0]
  if (found === undefined) return undefined
  const value = Number(found)
  fields[kind.field] = value === kind.wrapsAt ? 0 : value + (kind.shift ?? 0)
  return at + found.length
}

/** The longest name, or its first three letters, in any case. */
function parseName(
  text: string,
  at: number,
  names: readonly string[],
  found: (index: number) => void
): number | undefined {
  const rest = text.slice(at).toLowerCase()
  for (const [index, name] of names.entries()) {
    const short = name.slice(0, 3).toLowerCase()
    if (!rest.startsWith(short)) continue
    found(index)
    return at + (rest.startsWith(name.toLowerCase()) ? name.length : short.length)
  }
  return undefined
}

function parseZone(text: string, at: number, fields: Fields, { letter, count }: Place['element']): number | undefined {
  const zone = letter === 'X' ? isoZones[count - 1] : namedZone
  if (zone === undefined) return undefined
  zone.lastIndex = at
  const match = zone.exec(text)
  if (match === null) return undefined
  const groups: readonly (string | undefined)[] = match.slice(1)
  const [sign, hours, minutes = '0'] = groups.filter((group) => group !== undefined)
  fields.offset = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  return at + match[0].length
}
