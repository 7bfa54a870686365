import { expect, it } from 'vitest'
import { schemas } from '../../../../src/connect/data/connect-data.ts'
import { Decimal } from '../../../../src/connect/data/decimal.ts'
import { castValue } from '../../../../src/connect/transforms/cast-value.ts'

it.each([
  ['NaN', NaN],
  ['-Infinity', -Infinity],
  [' 1.5F\t', 1.5],
  ['1E5d', 100_000],
  ['5.', 5],
  ['.5', 0.5]
])('the text %o is a number, as in Java', (text, number) => {
  expect(castValue(text, schemas.string, 'float64')).toBe(number)
})

it.each(['nan', 'infinity', 'INFINITY', '0x10', '1_0', 'Infinityf', '\u00a01'])(
  'the text %o is no number, as in Java',
  (text) => {
    expect(() => castValue(text, schemas.string, 'float64')).toThrow('is no number')
  }
)

it.each([
  [new Decimal(-1999n, 3), -1n],
  [new Decimal(10n ** 20n - 1n, 0), 7_766_279_631_452_241_919n],
  [new Decimal(5n, -1), 50n],
  [new Decimal(5n, 2_000_000_000), 0n],
  [new Decimal(5n, -2_000_000_000), 0n]
])('the decimal %s loses its fraction and its upper bits', (decimal, long) => {
  expect(castValue(decimal, null, 'int64')).toBe(long)
})
