import { describe, expect, it } from 'vitest'
import { javaTrim, parseBoolean, parseDouble, parseInteger, parseList } from '../../../src/config/java-values.ts'

describe('values as ConfigDef parses them', () => {
  it('trims as Java does, which leaves U+00A0', () => {
    expect(javaTrim(' \t\u0000a b\r\n')).toBe('a b')
    expect(javaTrim('\u00a0a')).toBe('\u00a0a')
  })

  it('takes booleans in any case and nothing else', () => {
    expect(parseBoolean(' TRUE ')).toEqual({ ok: true, value: true })
    expect(parseBoolean('False')).toEqual({ ok: true, value: false })
    expect(parseBoolean('yes').ok).toBe(false)
    expect(parseBoolean('').ok).toBe(false)
  })

  it.each([
    ['SHORT', '32767', 32_767],
    ['SHORT', '32768', null],
    ['INT', ' -2147483648 ', -2_147_483_648],
    ['INT', '2147483648', null],
    ['INT', '+7', 7],
    ['INT', '0x10', null],
    ['INT', '1.0', null],
    ['INT', '1e3', null],
    ['LONG', '9223372036854775807', 2 ** 63],
    ['LONG', '9223372036854775808', null],
    ['LONG', '', null]
  ] as const)('parses %s %s', (type, text, value) => {
    const parsed = parseInteger(text, type)
    expect(parsed.ok ? parsed.value : null).toBe(value)
  })

  it('parses decimals', () => {
    expect(parseDouble('0.8')).toEqual({ ok: true, value: 0.8 })
    expect(parseDouble('1e-1f')).toEqual({ ok: true, value: 0.1 })
    expect(parseDouble('a').ok).toBe(false)
  })

  it('drops empty elements and duplicates of a list and says so', () => {
    expect(parseList(' a , b ')).toEqual({ ok: true, value: ['a', 'b'] })
    expect(parseList('  ')).toEqual({ ok: true, value: [] })
    expect(parseList('a,,b,')).toEqual({ ok: true, value: ['a', 'b'], warning: 'empty elements dropped from the list' })
    expect(parseList('a , a')).toEqual({ ok: true, value: ['a'], warning: 'duplicates dropped from the list' })
    expect(parseList(',')).toEqual({ ok: true, value: [], warning: 'empty elements dropped from the list' })
  })
})
