import { millisPerDay } from '../data/logical-types.ts'
import { parseDate } from './date-parser.ts'
import { type DateElement, type DateLetter, dayNames, monthNames, parseDatePattern } from './date-pattern.ts'

/** The pattern language of java.text.SimpleDateFormat, in UTC and in English. Weeks are those of the USA, as in Java's English. */
export class SimpleDateFormat {
  readonly pattern: string
  readonly #elements: readonly DateElement[]

  /** Throws as parseDatePattern does. */
  constructor(pattern: string) {
    this.pattern = pattern
    this.#elements = parseDatePattern(pattern)
  }

  format(millis: number): string {
    const date = new Date(millis)
    return this.#elements
      .map((each) => (typeof each === 'string' ? each : formatters[each.letter](date, each.count)))
      .join('')
  }

  /**
   * Milliseconds since 1970. Lenient as Java is: overflowing fields carry over, text behind the match is not looked at.
   * Throws MirrorError MIRROR_CONVERSION when the text does not match.
   */
  parse(text: string): number {
    return parseDate(text, this.#elements, this.pattern)
  }
}

const number =
  (of: (date: Date) => number) =>
  (date: Date, count: number): string =>
    String(of(date)).padStart(count, '0')

const year =
  (of: (date: Date) => number) =>
  (date: Date, count: number): string => {
    const value = Math.abs(of(date))
    return count === 2 ? String(value % 100).padStart(2, '0') : String(value).padStart(count, '0')
  }

const month = (date: Date, count: number): string => {
  const name = monthNames[date.getUTCMonth()] ?? ''
  if (count < 3) return String(date.getUTCMonth() + 1).padStart(count, '0')
  return count === 3 ? name.slice(0, 3) : name
}

const hour12 = (date: Date): number => date.getUTCHours() % 12

const formatters: Readonly<Record<DateLetter, (date: Date, count: number) => string>> = {
  G: (date) => (date.getUTCFullYear() > 0 ? 'AD' : 'BC'),
  y: year((date) => date.getUTCFullYear()),
  Y: year((date) => weekOfYear(date).year),
  M: month,
  L: month,
  w: number((date) => weekOfYear(date).week),
  W: number((date) => Math.floor((date.getUTCDate() - 1 + firstWeekDay(date)) / 7) + 1),
  D: number((date) => dayOfYear(date)),
  d: number((date) => date.getUTCDate()),
  F: number((date) => Math.floor((date.getUTCDate() - 1) / 7) + 1),
  E: (date, count) => (dayNames[date.getUTCDay()] ?? '').slice(0, count < 4 ? 3 : undefined),
  u: number((date) => (date.getUTCDay() === 0 ? 7 : date.getUTCDay())),
  a: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  H: number((date) => date.getUTCHours()),
  k: number((date) => (date.getUTCHours() === 0 ? 24 : date.getUTCHours())),
  K: number(hour12),
  h: number((date) => (hour12(date) === 0 ? 12 : hour12(date))),
  m: number((date) => date.getUTCMinutes()),
  s: number((date) => date.getUTCSeconds()),
  S: number((date) => date.getUTCMilliseconds()),
  z: (_date, count) => (count < 4 ? 'UTC' : 'Coordinated Universal Time'),
  Z: () => '+0000',
  X: () => 'Z'
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / millisPerDay) + 1
}

/** Day of the week of the first of the month, Sunday 0. */
function firstWeekDay(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)).getUTCDay()
}

/** Weeks begin on Sunday, and the week of January 1st is the first one, also for the days of December in it. */
function weekOfYear(date: Date): { readonly year: number; readonly week: number } {
  const thisYear = date.getUTCFullYear()
  const saturday = new Date(date.getTime() + (6 - date.getUTCDay()) * millisPerDay)
  if (saturday.getUTCFullYear() > thisYear) return { year: thisYear + 1, week: 1 }
  const firstDay = new Date(Date.UTC(thisYear, 0, 1)).getUTCDay()
  return { year: thisYear, week: Math.floor((dayOfYear(date) - 1 + firstDay) / 7) + 1 }
}
