import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { restPage } from '../../../dev/rest-page.ts'

it('docs/rest.md has the endpoints that there are', () => {
  const committed = readFileSync('docs/rest.md', 'utf8')
  expect(committed).toBe(restPage(committed))
  expect(committed).toContain('| `POST /connectors/{connector}/restart?includeTasks=&onlyFailed=` |')
})
