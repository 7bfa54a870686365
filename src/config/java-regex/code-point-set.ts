/** Inclusive range of code points. */
export type CodePointRange = readonly [first: number, last: number]

const lastCodePoint = 0x10ffff

/** A set of code points, the exact meaning of a character class in any regular-expression dialect. */
export class CodePointSet {
  /** Sorted, apart from each other. */
  readonly ranges: readonly CodePointRange[]

  constructor(ranges: readonly CodePointRange[]) {
    const merged: [number, number][] = []
    for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
      const previous = merged.at(-1)
      if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
      else merged.push([first, last])
    }
    this.ranges = merged
  }

  static ofText(text: string): CodePointSet {
    return new CodePointSet(Array.from(text, (character) => single(character.codePointAt(0) ?? 0)))
  }

  complement(): CodePointSet {
    const gaps: CodePointRange[] = []
    let next = 0
    for (const [first, last] of this.ranges) {
      if (first > next) gaps.push([next, first - 1])
      next = last + 1
    }
    if (next <= lastCodePoint) gaps.push([next, lastCodePoint])
    return new CodePointSet(gaps)
  }

  /** With the other case of each ASCII letter: what Java's `(?i)` means without `(?u)`. */
  foldAscii(): CodePointSet {
    const folded: CodePointRange[] = [...this.ranges]
    for (const [first, last] of this.ranges) {
      addShifted(folded, [Math.max(first, 0x41), Math.min(last, 0x5a)], 0x20)
      addShifted(folded, [Math.max(first, 0x61), Math.min(last, 0x7a)], -0x20)
    }
    return new CodePointSet(folded)
  }

  /** As source text for a JavaScript expression with the `u` flag. */
  toSource(): string {
    const [only] = this.ranges
    if (this.ranges.length === 1 && only !== undefined && only[0] === only[1]) return codePointSource(only[0])
    const members = this.ranges.map(([first, last]) =>
      first === last ? codePointSource(first) : `${codePointSource(first)}-${codePointSource(last)}`
    )
    return `[${members.join('')}]`
  }
}

export function single(codePoint: number): CodePointRange {
  return [codePoint, codePoint]
}

function addShifted(ranges: CodePointRange[], [first, last]: CodePointRange, by: number): void {
  if (first <= last) ranges.push([first + by, last + by])
}

/** Letters, digits and `_` as they are; anything else by number, which needs no knowledge of what is special where. */
export function codePointSource(codePoint: number): string {
  const character = String.fromCodePoint(codePoint)
  return /^[A-Za-z0-9_]$/.test(character) ? character : `\\u{${codePoint.toString(16)}}`
}
