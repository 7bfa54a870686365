import { expect, it } from 'vitest'
import { LatencyWindow } from '../../../../dev/demo/latency-window.ts'
import { LiveTable, tableLines, type TableRow } from '../../../../dev/demo/table.ts'

const row: TableRow = { topic: 'orders', mirrored: 1_234_567, perSecond: 99.6, lag: 3, p50Ms: 7.4, p99Ms: undefined }

it('aligns columns and adds the totals', () => {
  expect(tableLines([row, { ...row, topic: 'b', mirrored: 1 }])).toEqual([
    'topic    mirrored  records/s  lag  p50 ms  p99 ms',
    'orders  1,234,567        100    3       7       -',
    'b               1        100    3       7       -',
    'total   1,234,568        199    6                '
  ])
})

function screen(isTTY: boolean): { isTTY: boolean; columns: number; text: string; write: (text: string) => void } {
  return {
    isTTY,
    columns: 10,
    text: '',
    write(text) {
      this.text += text
    }
  }
}

it('draws over the last table on a terminal, and cuts lines that would wrap', () => {
  const terminal = screen(true)
  const table = new LiveTable(terminal)
  table.draw(['0123456789', 'b'])
  table.draw(['c'])
  expect(terminal.text).toBe('012345678\x1b[K\nb\x1b[K\n\x1b[J' + '\x1b[2Ac\x1b[K\n\x1b[J')
})

it('prints plain lines of every fifth call elsewhere', () => {
  const file = screen(false)
  const table = new LiveTable(file)
  for (let call = 0; call < 6; call++) table.draw([`${call}`, 'x'])
  expect(file.text).toBe('0\nx\n\n5\nx\n\n')
})

it('takes percentiles by nearest rank over the window only', () => {
  const window = new LatencyWindow(1_000)
  window.add(9_999, 0)
  for (let latencyMs = 100; latencyMs >= 1; latencyMs--) window.add(latencyMs, 500)
  expect(window.percentilesMs([50, 99, 100], 1_200)).toEqual([50, 99, 100])
  expect(window.percentilesMs([50], 2_000)).toEqual([undefined])
})
