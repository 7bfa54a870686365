import { expect, it } from 'vitest'
import { LoggerLevels } from '../../../src/base/logger-levels.ts'
import { ProcessLoggerLevels } from '../../../src/driver/rest-logger-levels.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function setUp() {
  const levels = new LoggerLevels('info')
  levels.add('A->B')
  return { levels, shown: new ProcessLoggerLevels(levels, new ManualClock()) }
}

it('shows levels in Java’s words, and when one was changed', () => {
  const { levels, shown } = setUp()
  expect(shown.set('A->B', 'trace')).toEqual(['A->B'])
  expect(levels.levelOf('A->B')).toBe('debug')
  expect([...shown.all()]).toEqual([
    ['A->B', { level: 'DEBUG', lastModified: expect.any(Number) as number }],
    ['root', { level: 'INFO', lastModified: null }]
  ])
})

it('names only loggers whose level is another one now', () => {
  const { shown } = setUp()
  expect(shown.set('root', 'ERROR')).toEqual(['A->B', 'root'])
  expect(shown.set('root', 'FATAL')).toEqual([])
})

it('refuses a word that is no level', () => {
  expect(() => setUp().shown.set('root', 'LOUD')).toThrow(expect.objectContaining({ kind: 'notFound' }))
})
