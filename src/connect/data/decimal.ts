/** A decimal number of any precision: `unscaled` times ten to the power of minus `scale`. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** Java's `new BigDecimal(text)`; undefined where that throws, and for exponents of more than nine digits. */
  static parse(text: string): Decimal | undefined {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] =
      /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/.exec(text) ?? []
    const digits = `${whole}${fraction}`
    if (digits === '') return undefined
    return new Decimal(BigInt(sign === '-' ? `-${digits}` : digits), fraction.length - Number(exponent))
  }

  /** Rounded towards zero, of which the lower 64 bits are left: Java's `longValue`. */
  longValue(): bigint {
    const { unscaled, scale } = this
    // Powers of ten from the 64th on end in 64 zero bits. A huge exponent must not be written out.
    if (scale <= -64 || scale > this.#digits().length) return 0n
    const whole = scale <= 0 ? unscaled * 10n ** BigInt(-scale) : unscaled / 10n ** BigInt(scale)
    return BigInt.asIntN(64, whole)
  }

  /** All digits, never an exponent (Java's `toPlainString`). */
  toPlainString(): string {
    const sign = this.unscaled < 0n ? '-' : ''
    const digits = this.#digits()
    if (this.scale <= 0) return this.unscaled === 0n ? '0' : `${sign}${digits}${'0'.repeat(-this.scale)}`
    const padded = digits.padStart(this.scale + 1, '0')
    return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`
  }

  /** Java's `toString`: with an exponent where the number is very small, or its scale negative. */
  toString(): string {
    const digits = this.#digits()
    const exponent = digits.length - 1 - this.scale
    if (this.scale >= 0 && exponent >= -6) return this.toPlainString()
    const sign = this.unscaled < 0n ? '-' : ''
    const mantissa = digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`
    const power = exponent === 0 ? '' : `E${exponent < 0 ? '' : '+'}${exponent}`
    return `${sign}${mantissa}${power}`
  }

  /** Big-endian two's complement of the unscaled value, as short as can be. */
  unscaledBytes(): Buffer {
    const { unscaled } = this
    const magnitudeBits = (unscaled < 0n ? -unscaled - 1n : unscaled).toString(2).length
    const bits = unscaled === 0n || unscaled === -1n ? 1 : magnitudeBits + 1
    const bytes = Math.ceil(bits / 8)
    const hex = BigInt.asUintN(bytes * 8, unscaled).toString(16)
    return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex')
  }

  #digits(): string {
    return (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString()
  }
}
