import { describe, expect, it } from 'vitest'
import { describeWarning } from '../../../src/config/config-error.ts'
import { Findings } from '../../../src/config/findings.ts'
import { parsePropertiesFile } from '../../../src/config/properties-file.ts'

function parse(bytes: string | Buffer): {
  entries: Record<string, string>
  warnings: string[]
  problems: Findings['problems']
} {
  const findings = new Findings()
  const entries = parsePropertiesFile(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, findings)
  return {
    entries: Object.fromEntries(entries),
    warnings: findings.warnings.map(describeWarning),
    problems: findings.problems
  }
}

describe('parsePropertiesFile', () => {
  it('reads what java.util.Properties reads', () => {
    const file = [
      '# comment',
      '  ! another',
      'a=1',
      'b : 2',
      'c 3',
      'd\\ e\\:f = x=y:z',
      'list = one,\\',
      '   two,\\',
      '\tthree',
      'unicode = caf\\u00e9 \\u20AC',
      'tab = a\\tb\\\\c\\q',
      'A->B.topics = .*\\\\.orders',
      'empty =',
      'bare',
      'hash = pass#word;x',
      'last = backslash\\'
    ]
    expect(parse(file.join('\n')).entries).toEqual({
      a: '1',
      b: '2',
      c: '3',
      'd e:f': 'x=y:z',
      list: 'one,two,three',
      unicode: 'café €',
      tab: 'a\tb\\cq',
      'A->B.topics': '.*\\.orders',
      empty: '',
      bare: '',
      hash: 'pass#word;x',
      last: 'backslash'
    })
  })

  it('takes CR, LF and CRLF for line ends, also in continuations', () => {
    expect(parse('a = 1,\\\r\n  2\rb = 3\r\n\r\nc\\\r\nd = 4').entries).toEqual({ a: '1,2', b: '3', cd: '4' })
  })

  it('keeps a key called __proto__ as a key', () => {
    const entries = parsePropertiesFile(Buffer.from('__proto__ = x'), new Findings())
    expect(entries.get('__proto__')).toBe('x')
  })

  it('lets the last duplicate win and names both lines', () => {
    const { entries, warnings } = parse('a = 1\n# x\n\na = 2')
    expect(entries).toEqual({ a: '2' })
    expect(warnings).toEqual(['line 4: a: already set on line 1; the last value counts'])
  })

  it('reads bytes beyond ASCII as ISO-8859-1 and warns with the line', () => {
    const { entries, warnings } = parse(Buffer.from('# naïve\nname = café', 'utf8'))
    expect(entries).toEqual({ name: 'cafÃ©' })
    expect(warnings).toEqual([expect.stringMatching(/^line 2: name: byte 0xc3 is read as ISO-8859-1/)])
  })

  it('warns of trailing blanks and of comments behind a value', () => {
    const { warnings } = parse('A->B.enabled = true \nB->A.enabled = true # on\np = "a #b"')
    expect(warnings).toEqual([
      'line 1: A->B.enabled: the value ends in blanks, which are part of it',
      'line 2: B->A.enabled: a comment cannot follow a value: it has become part of the value'
    ])
  })

  it('calls a cut-off \\u escape a problem, as Java does, and an escaped backslash none', () => {
    expect(parse('a = \\u00e').problems).toHaveLength(1)
    expect(parse('a = c:\\\\users').problems).toEqual([])
  })
})
