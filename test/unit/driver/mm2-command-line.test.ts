import { expect, it } from 'vitest'
import { parseMm2CommandLine } from '../../../src/driver/mm2-command-line.ts'

const route = { source: 'A', target: 'B' }
const words = (line: string): string[] => line.split(' ')

it('a command takes its file, its route and its options in any order', () => {
  expect(parseMm2CommandLine(words('checkpoints --json mm2.properties --route A->B --group g --follow'))).toEqual({
    ...{ command: 'checkpoints', path: 'mm2.properties', route, json: true },
    ...{ fromBeginning: false, follow: true, group: 'g', topic: undefined }
  })
  expect(parseMm2CommandLine(words('translate mm2.properties --route=A->B --group=g'))).toEqual({
    ...{ command: 'translate', path: 'mm2.properties', route, json: false, group: 'g' }
  })
})

it.each(['help', '--help', 'checkpoints -h'])('%s asks for help', (line) => {
  expect(parseMm2CommandLine(words(line))).toEqual({ command: 'help' })
})

it.each([
  ['x.properties --route A->B', 'a command is expected'],
  ['checkpoints --route A->B', 'file is missing'],
  ['checkpoints a b --route A->B', 'b is too much'],
  ['checkpoints a', '--route is expected'],
  ['checkpoints a --route A', '--route is expected to be two aliases'],
  ['checkpoints a --route A->B->C', '--route is expected to be two aliases'],
  ['checkpoints a --rout A->B', "Unknown option '--rout'"],
  ['heartbeats a --route A->B --topic t', '--topic is not for heartbeats'],
  ['translate a --route A->B --group g --follow', '--follow is not for translate'],
  ['translate a --route A->B', 'translate needs --group']
])('refuses %s', (line, message) => {
  expect(() => parseMm2CommandLine(words(line))).toThrow(expect.objectContaining({ code: 'MIRROR_USAGE' }) as Error)
  expect(() => parseMm2CommandLine(words(line))).toThrow(message)
})
