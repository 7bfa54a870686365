import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { program } from '../../../src/base/program.ts'

it('the program says the name and version of its package', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string }
  expect(program).toEqual({ name, version })
})
