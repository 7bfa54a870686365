import { expect, it } from 'vitest'
import { LoggerLevels } from '../../../src/base/logger-levels.ts'

it('a logger has the level of root until it is given its own', () => {
  const levels = new LoggerLevels('info')
  levels.add('A->B')
  expect(levels.isEnabled('A->B', 'debug')).toBe(false)
  levels.set('A->B', 'debug')
  expect(levels.isEnabled('A->B', 'debug')).toBe(true)
  expect(levels.isEnabled('root', 'debug')).toBe(false)
  expect(levels.names).toEqual(['A->B', 'root'])
})

it('a level of root reaches every logger', () => {
  const levels = new LoggerLevels('info')
  levels.set('A->B', 'debug')
  levels.set('root', 'silent')
  expect(levels.isEnabled('A->B', 'error')).toBe(false)
  expect(levels.isEnabled('root', 'error')).toBe(false)
})
