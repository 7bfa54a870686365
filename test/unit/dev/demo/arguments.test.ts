import { expect, it } from 'vitest'
import { parseArguments } from '../../../../dev/demo/arguments.ts'

it('starts clusters of its own without addresses', () => {
  expect(parseArguments([])).toEqual({ command: 'run', once: false, addresses: undefined })
  expect(parseArguments(['--once'])).toEqual({ command: 'run', once: true, addresses: undefined })
})

it('takes a source and a target that run already', () => {
  const addresses = { source: 'a:1', target: 'b:2,c:3' }
  expect(parseArguments(['--source', 'a:1', '--target=b:2,c:3'])).toEqual({ command: 'run', once: false, addresses })
})

it('prefers help over all else', () => {
  expect(parseArguments(['--once', '-h'])).toEqual({ command: 'help' })
})

it.each([
  [['--source', 'a:1'], '--source and --target go together'],
  [['--source', 'a', '--target', 'b:1'], 'a: expected HOST:PORT'],
  [['--source', 'a:1', '--target', 'b:70000'], 'b:70000: expected HOST:PORT'],
  [['--source', 'a:1', '--target', 'a:1'], 'the same cluster'],
  [['--twice'], '--twice'],
  [['extra'], 'extra']
])('refuses %s', (words, problem) => {
  expect(parseArguments(words)).toEqual({ command: 'wrong', problem: expect.stringContaining(problem) as string })
})
