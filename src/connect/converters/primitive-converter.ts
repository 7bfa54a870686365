import { MirrorError } from '../../base/errors.ts'
import { type ConnectHeader } from '../data/connect-record.ts'
import { type ConnectValue, type Schema, schemaOf, type SchemaType } from '../data/connect-data.ts'
import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'
import { fits } from '../data/schema-check.ts'

/** A type with a size of its own, big-endian as Kafka's serializers write it. */
export interface PrimitiveFormat {
  readonly type: SchemaType
  readonly bytes: number
  /** The value fits the type. */
  write(buffer: Buffer, value: ConnectValue): void
}

export const primitiveFormats = {
  Short: { type: 'INT16', bytes: 2, write: (buffer, value) => buffer.writeInt16BE(Number(value)) },
  Integer: { type: 'INT32', bytes: 4, write: (buffer, value) => buffer.writeInt32BE(Number(value)) },
  Long: {
    type: 'INT64',
    bytes: 8,
    write: (buffer, value) => typeof value === 'bigint' && buffer.writeBigInt64BE(value)
  },
  Float: { type: 'FLOAT32', bytes: 4, write: (buffer, value) => buffer.writeFloatBE(Number(value)) },
  Double: { type: 'FLOAT64', bytes: 8, write: (buffer, value) => buffer.writeDoubleBE(Number(value)) },
  Boolean: { type: 'BOOLEAN', bytes: 1, write: (buffer, value) => buffer.writeUInt8(value === true ? 1 : 0) }
} as const satisfies Readonly<Record<string, PrimitiveFormat>>

/** Values of one primitive type; anything else is an error. */
export class PrimitiveConverter implements Converter, HeaderConverter {
  readonly #format: PrimitiveFormat
  readonly #schema: Schema

  constructor(format: PrimitiveFormat) {
    this.#format = format
    this.#schema = schemaOf(format.type)
  }

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Buffer | null {
    const { type, bytes } = this.#format
    if (schema !== null && schema.type !== type) {
      throw new MirrorError('MIRROR_CONVERSION', `The converter takes ${type} only, not ${schema.type}`)
    }
    if (value === null) return null
    if (!fits(value, this.#schema)) throw new MirrorError('MIRROR_CONVERSION', `The value is not of the type ${type}`)
    const buffer = Buffer.alloc(bytes)
    this.#format.write(buffer, value)
    return buffer
  }

  fromConnectHeader(topic: string, { schema, value }: ConnectHeader): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}
