import { MirrorError } from '../../base/errors.ts'

/** Letters of java.text.SimpleDateFormat. */
const letters = 'GyYMLwWDdFEuaHkKhmsSzZX'
export type DateLetter = Characters<typeof letters>
type Characters<Text extends string> = Text extends `${infer First}${infer Rest}` ? First | Characters<Rest> : never

/** A letter with how often it stands there, or literal text. */
export type DateElement = string | { readonly letter: DateLetter; readonly count: number }

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December'
] as const
export const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** Throws MirrorError MIRROR_CONFIG_INVALID for letters that Java does not have, or a quote that is not closed. */
export function parseDatePattern(pattern: string): DateElement[] {
  const elements: DateElement[] = []
  const token = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/gy
  let at = 0
  while (at < pattern.length) {
    token.lastIndex = at
    const match = token.exec(pattern)
    if (match === null) throw refusal(pattern, 'has a quote that is not closed')
    at = token.lastIndex
    const [text, quoted, letter] = match
    if (letter === undefined) elements.push(quoted === undefined ? text : quoted.replaceAll("''", "'") || "'")
    else if (letter === 'X' && text.length > 3) throw refusal(pattern, 'has more than three X in a row')
    else if (isLetter(letter)) elements.push({ letter, count: text.length })
    else throw refusal(pattern, `has the letter ${letter}, which means nothing; put text between quotes`)
  }
  return elements
}

function isLetter(text: string): text is DateLetter {
  return letters.includes(text)
}

function refusal(pattern: string, problem: string): MirrorError {
  return new MirrorError('MIRROR_CONFIG_INVALID', `The date format "${pattern}" ${problem}`)
}
