import { type SchemaType } from './connect-data.ts'

/**
 * A number as Java writes it: floating-point types always with a point, and an exponent outside of 0.001 to 10,000,000.
 * @param type what the number is by its schema; without one a whole number is taken for an integer
 */
export function numberText(value: number, type: SchemaType | null): string {
  if (type === 'FLOAT32') return decimalText(value, shortestFloat(value))
  if (type === 'FLOAT64' || !Number.isInteger(value)) return decimalText(value, value.toExponential())
  return String(value)
}

/** `d.ddde±x` with no more digits than tell the value from its neighbours. */
function shortestFloat(value: number): string {
  const single = Math.fround(value)
  for (let digits = 0; digits < 9; digits++) {
    const text = single.toExponential(digits)
    if (Math.fround(Number(text)) === single) return text
  }
  return single.toExponential()
}

function decimalText(value: number, scientific: string): string {
  if (!Number.isFinite(value)) return String(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', power = ''] = scientific.split('e')
  const digits = mantissa.replace(/[-.]/g, '')
  const exponent = Number(power)
  if (exponent < -3 || exponent >= 7) return `${sign}${pointed(digits, 1)}E${exponent}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  return `${sign}${pointed(digits.padEnd(exponent + 1, '0'), exponent + 1)}`
}

function pointed(digits: string, whole: number): string {
  return `${digits.slice(0, whole)}.${digits.slice(whole) || '0'}`
}
