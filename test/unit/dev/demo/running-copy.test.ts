import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runningCopy } from '../../../../dev/demo/running-copy.ts'

it('replaces the line of a key and keeps all others', () => {
  const shipped = '# A.x = 0\nA.x = 1\nA.x.y = 2\n'
  expect(runningCopy(shipped, { 'A.x': '3' })).toBe('# A.x = 0\nA.x = 3\nA.x.y = 2\n')
})

it('adds a key that is only there as a comment', () => {
  expect(runningCopy('#A.x = 1\n', { 'A.x': '3' })).toBe('#A.x = 1\nA.x = 3\n')
})

it('changes only the addresses of the shipped file', () => {
  const shipped = readFileSync(new URL('../../../../mm2.properties', import.meta.url), 'latin1')
  const copy = runningCopy(shipped, { 'A.bootstrap.servers': 'a:1', 'B.bootstrap.servers': 'b:1', 'A->B.topics': 'x' })
  const changed = copy.split('\n').filter((line, index) => line !== shipped.split('\n')[index])
  expect(changed).toEqual(['A.bootstrap.servers = a:1', 'B.bootstrap.servers = b:1', 'A->B.topics = x'])
})
