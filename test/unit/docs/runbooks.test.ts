import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../../src/base/errors.ts'
import { parseCommandLine } from '../../../src/driver/command-line.ts'
import { knownKey, type Scope } from '../../../src/driver/known-keys.ts'
import { parseMm2CommandLine } from '../../../src/driver/mm2-command-line.ts'

const folder = 'docs/runbooks'
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }))

describe.each(pages)('$name', ({ text }) => {
  test('gives the mm2 and the mirror no words that they refuse', () => {
    for (const [, words = ''] of text.matchAll(
      /(?:^|[`\s])mm2 ((?:translate|checkpoints|heartbeats|offset-syncs) [^|`\n]*)/g
    )) {
      expect(() => parseMm2CommandLine(wordsOf(words)), words).not.toThrow()
    }
    for (const [, words = ''] of text.matchAll(/connect-mirror-maker (\$FILE[^`#\n]*)/g)) {
      expect(parseCommandLine(wordsOf(words)), words).toMatchObject({ command: 'run' })
    }
  })

  test('names keys and errors that there are', () => {
    for (const [, prefix = '', name = ''] of text.matchAll(/`((?:[ABC]->)?[ABC]\.)([a-z][a-z.-]+)(?: = [^`]*)?`/g)) {
      const scope: Scope = prefix.includes('->') ? 'route' : 'cluster'
      expect(isTopic(name) || knownKey(scope, name)?.effect === 'yes', `${prefix}${name}`).toBe(true)
    }
    for (const [code] of text.matchAll(/MIRROR_[A-Z_]+/g)) expect(errorCodes).toHaveProperty(code)
  })

  test('calls paths of the REST API', () => {
    const known = endpointPatterns()
    for (const [, path = ''] of text.matchAll(/\$REST(\/[^\s"'`;|?]*)/g)) {
      const isKnown = known.some((pattern) => pattern.test(path))
      expect(isKnown, path).toBe(true)
    }
  })

  test('links to pages that there are', () => {
    for (const [, page = ''] of text.matchAll(/\]\(([a-z-]+\.md)\)/g))
      expect(pages.map(({ name }) => name)).toContain(page)
  })
})

/** As a shell would cut them. */
function wordsOf(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''))
}

/** Of cluster A, not a key. */
function isTopic(name: string): boolean {
  return ['orders', 'heartbeats', 'checkpoints.internal'].includes(name)
}

/** Of the process, and of a route; the page is printed from the endpoints. */
function endpointPatterns(): RegExp[] {
  const paths = [...readFileSync('docs/rest.md', 'utf8').matchAll(/^\| `[A-Z]+ (\/[^`?]*)/gm)].map(
    ([, path = '']) => path
  )
  return paths.flatMap((path) => {
    const pattern = path.replaceAll(/\{[^}]+\}/g, '[^/]+')
    return [new RegExp(`^${pattern}$`), new RegExp(`^/[ABC]/[ABC]${pattern}$`)]
  })
}
