import { describe, expect, it } from 'vitest'
import { parseJaasConfig } from '../../../src/config/jaas-config.ts'

describe('parseJaasConfig', () => {
  it('reads module and options, with quotes, escapes and comments', () => {
    const entry = parseJaasConfig(
      'org.example.Module  REQUIRED /* both */ username="a;=b" // to here\n password="q\\"\\\\\\t\\101" other=\'x y\' n = 12 ;'
    )
    expect(entry?.loginModule).toBe('org.example.Module')
    expect(Object.fromEntries(entry?.options ?? [])).toEqual({
      username: 'a;=b',
      password: 'q"\\\tA',
      other: 'x y',
      n: '12'
    })
  })

  it.each([
    '',
    'Module',
    'Module required',
    'Module maybe a="b";',
    'Module required a="b"',
    'Module required a "b";',
    'Module required a="b',
    'Module required a="b"; Other required;'
  ])('takes %s for no configuration', (text) => {
    expect(parseJaasConfig(text)).toBeNull()
  })
})
