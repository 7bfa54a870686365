import { expect, test } from 'vitest'
import { parseCommandLine } from '../../../src/driver/command-line.ts'

test('takes the file first and every word behind --clusters as an alias', () => {
  expect(parseCommandLine(['mm2.properties', '--clusters', 'A', 'B'])).toEqual({
    command: 'run',
    path: 'mm2.properties',
    clusters: ['A', 'B']
  })
  expect(parseCommandLine(['--clusters=A,B', 'x.ini'])).toEqual({ command: 'run', path: 'x.ini', clusters: ['A', 'B'] })
})

test('asks for help or version wherever the word stands', () => {
  expect(parseCommandLine(['x', '--help'])).toEqual({ command: 'help' })
  expect(parseCommandLine(['--version'])).toEqual({ command: 'version' })
})

test.each([
  [[], 'file is missing'],
  [['--clusters', 'A', 'mm2.properties'], 'file is missing'],
  [['a', 'b'], 'b is too much'],
  [['a', '--clusters'], 'at least one alias'],
  [['a', '--clusters='], 'at least one alias'],
  [['a', '--clusters', ''], 'at least one alias'],
  [['a', '--port=1'], 'unknown argument --port=1']
])('refuses %j', (words, message) => {
  expect(() => parseCommandLine(words)).toThrow(message)
})
