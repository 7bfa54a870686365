import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configurationPage, errorsPage } from '../../../dev/docs-pages.ts'

const committed = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

describe('the printed pages', () => {
  it('are what npm run docs prints from the tables', () => {
    expect(committed('configuration.md')).toBe(configurationPage())
    expect(committed('errors.md')).toBe(errorsPage())
  })

  it('list no key twice in a section', () => {
    for (const section of configurationPage().split('\n## ').slice(1)) {
      const keys = [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1])
      expect(keys.length).toBeGreaterThan(0)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })
})
