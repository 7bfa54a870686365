/** The live table: text of the rows, and how it is drawn. */

export interface TableRow {
  readonly topic: string
  readonly mirrored: number
  readonly perSecond: number
  readonly lag: number
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
}

/** Header, one line a row, totals. All lines have the same length. */
export function tableLines(rows: readonly TableRow[]): string[] {
  const sum = (pick: (row: TableRow) => number): number => rows.reduce((total, row) => total + pick(row), 0)
  const cells = [
    ['topic', 'mirrored', 'records/s', 'lag', 'p50 ms', 'p99 ms'],
    ...rows.map((row) => [
      row.topic,
      count(row.mirrored),
      count(row.perSecond),
      count(row.lag),
      ms(row.p50Ms),
      ms(row.p99Ms)
    ]),
    [
      'total',
      count(sum((row) => row.mirrored)),
      count(sum((row) => row.perSecond)),
      count(sum((row) => row.lag)),
      '',
      ''
    ]
  ]
  return alignColumns(cells)
}

/** The first column to the left, the others to the right. */
export function alignColumns(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  return cells.map((line) =>
    widths
      .map((width, column) =>
        column === 0 ? (line[column] ?? '').padEnd(width) : (line[column] ?? '').padStart(width)
      )
      .join('  ')
  )
}

export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

function ms(latencyMs: number | undefined): string {
  return latencyMs === undefined ? '-' : count(latencyMs)
}

export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Draws over what it drew before on a terminal; elsewhere prints the lines of every fifth call. */
export class LiveTable {
  readonly #screen: Screen
  #drawnLines = 0
  #calls = 0

  constructor(screen: Screen) {
    this.#screen = screen
  }

  draw(lines: readonly string[]): void {
    const call = this.#calls++
    if (this.#screen.isTTY !== true) {
      if (call % 5 === 0) this.#screen.write(`${lines.join('\n')}\n\n`)
      return
    }
    // A line that wraps would be counted as one and drawn over wrongly. Some terminals say that they have 0 columns.
    const { columns = 0 } = this.#screen
    const width = columns > 0 ? columns : 80
    const up = this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A`
    this.#screen.write(`${up}${lines.map((line) => `${line.slice(0, width - 1)}\x1b[K\n`).join('')}\x1b[J`)
    this.#drawnLines = lines.length
  }
}
