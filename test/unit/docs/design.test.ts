import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const design = readFileSync('docs/design.md', 'utf8')
const map = design.slice(design.indexOf('## 6. File map'))

test('the file map has a row for each source file, and no other', () => {
  const listed = [...map.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => file)
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  expect(listed.toSorted()).toEqual(files.toSorted())
})
