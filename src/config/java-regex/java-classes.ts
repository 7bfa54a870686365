import { CodePointSet } from './code-point-set.ts'

/** The predefined and POSIX classes of Java patterns that do not depend on a version of Unicode. */
const digit = new CodePointSet([[0x30, 0x39]])
const lower = new CodePointSet([[0x61, 0x7a]])
const upper = new CodePointSet([[0x41, 0x5a]])
const alpha = new CodePointSet([...lower.ranges, ...upper.ranges])
const alnum = new CodePointSet([...alpha.ranges, ...digit.ranges])
const space = CodePointSet.ofText(' \t\n\v\f\r')
const graph = new CodePointSet([[0x21, 0x7e]])

/** What `.` stops at, and what `$` may stand before. */
export const lineTerminators = CodePointSet.ofText('\n\r\u0085\u2028\u2029')
export const anything = new CodePointSet([]).complement()

/** By the letter after the backslash; the upper-case letter means the complement. */
export const escapeClasses: Readonly<Record<string, CodePointSet>> = {
  d: digit,
  w: new CodePointSet([...alnum.ranges, [0x5f, 0x5f]]),
  s: space,
  h: new CodePointSet([...CodePointSet.ofText(' \t\u00a0\u1680\u180e\u202f\u205f\u3000').ranges, [0x2000, 0x200a]]),
  v: new CodePointSet([
    [0x0a, 0x0d],
    [0x85, 0x85],
    [0x2028, 0x2029]
  ])
}

/** By the name in `\p{...}`. Unicode categories, scripts and blocks are left out: they mean what Java's version says. */
export const posixClasses: Readonly<Record<string, CodePointSet>> = {
  Lower: lower,
  Upper: upper,
  ASCII: new CodePointSet([[0x00, 0x7f]]),
  Alpha: alpha,
  Digit: digit,
  Alnum: alnum,
  Punct: new CodePointSet([
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e]
  ]),
  Graph: graph,
  Print: new CodePointSet([...graph.ranges, [0x20, 0x20]]),
  Blank: CodePointSet.ofText(' \t'),
  Cntrl: new CodePointSet([
    [0x00, 0x1f],
    [0x7f, 0x7f]
  ]),
  XDigit: new CodePointSet([
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66]
  ]),
  Space: space
}

/** Escapes that stand for one character. */
export const escapeCharacters: Readonly<Record<string, number>> = {
  t: 0x09,
  n: 0x0a,
  r: 0x0d,
  f: 0x0c,
  a: 0x07,
  e: 0x1b
}
