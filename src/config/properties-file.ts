import { Pair, parseLines } from 'dot-properties'
import { type Findings } from './findings.ts'
import { type Properties } from './traced-properties.ts'

/**
 * Reads Java `.properties` as the reference does: ISO-8859-1, the last of several values wins, trailing blanks are part
 * of the value. What is legal but rarely meant is warned of with its line.
 */
export function parsePropertiesFile(bytes: Buffer, findings: Findings): Properties {
  // Java ends a line at CR, LF or CRLF; the parser does not continue a key over CRLF, so it sees LF alone.
  const text = bytes.toString('latin1').replace(/\r\n?/g, '\n')
  const lineOf = lineCounter(text)
  const entries = new Map<string, string>()
  const firstLines = new Map<string, number>()
  for (const node of parseLines(text, true)) {
    if (!(node instanceof Pair)) continue
    const [start, , valueStart, end] = node.range
    const { key, value } = node
    const line = lineOf(start)
    const earlier = firstLines.get(key)
    if (earlier !== undefined) {
      findings.warn({ key, line, message: `already set on line ${String(earlier)}; the last value counts` })
    }
    firstLines.set(key, line)
    entries.set(key, value)
    const source = text.slice(start, end)
    for (const message of oddities(source, text.slice(valueStart, end), value)) findings.warn({ key, line, message })
    // Java refuses the whole file over it.
    if (malformedEscape.test(source)) {
      findings.problem(key, value, `four hexadecimal digits after each \\u (line ${String(line)})`)
    }
  }
  return entries
}

/** Only the entries, for files whose oddities are nobody's concern. */
export function parsePropertiesText(text: string): Properties {
  const entries = new Map<string, string>()
  for (const node of parseLines(text.replace(/\r\n?/g, '\n'), true)) {
    if (node instanceof Pair) entries.set(node.key, node.value)
  }
  return entries
}

/** `\u` with fewer than four hexadecimal digits, where the backslash is not itself escaped. */
const malformedEscape = /(?:^|[^\\])(?:\\\\)*\\u(?![0-9a-f]{4})/i

function oddities(source: string, rawValue: string, value: string): string[] {
  const messages: string[] = []
  const foreign = /[\u0080-\u00ff]/.exec(source)
  if (foreign !== null) {
    const byte = foreign[0].charCodeAt(0).toString(16)
    messages.push(`byte 0x${byte} is read as ISO-8859-1, not UTF-8; write \\uhhhh for characters beyond ASCII`)
  }
  if (/[ \t\f]$/.test(value)) messages.push('the value ends in blanks, which are part of it')
  if (/[ \t\f][#!][^"']*$/.test(rawValue)) {
    messages.push('a comment cannot follow a value: it has become part of the value')
  }
  return messages
}

/** One-based line of a position; positions must not go back. */
function lineCounter(text: string): (position: number) => number {
  let line = 1
  let counted = 0
  return (position) => {
    for (; counted < position; counted++) if (text.charCodeAt(counted) === 0x0a) line += 1
    return line
  }
}
