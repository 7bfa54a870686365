import { MirrorError } from '../../base/errors.ts'
import { type Decimal } from './decimal.ts'

/** Types of the Connect data model, by the reference's names. */
export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT'

export interface SchemaField {
  readonly name: string
  readonly schema: Schema
}

/** What a value is. Schemas are plain immutable objects: two of the same content are equal (`sameSchema`). */
export interface Schema {
  readonly type: SchemaType
  readonly optional: boolean
  /** Names a logical type, or the schema itself. */
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  /** Undefined where there is none. */
  readonly defaultValue: ConnectValue | undefined
  readonly parameters: Readonly<Record<string, string>> | null
  /** Of a STRUCT, in order; else empty. */
  readonly fields: readonly SchemaField[]
  /** Of a MAP. */
  readonly keySchema: Schema | null
  /** Of a MAP or ARRAY. */
  readonly valueSchema: Schema | null
}

export type SchemaFacts = Partial<Omit<Schema, 'type'>>

export function schemaOf(type: SchemaType, facts: SchemaFacts = {}): Schema {
  const none = { name: null, version: null, doc: null, defaultValue: undefined, parameters: null }
  return { type, optional: false, ...none, fields: [], keySchema: null, valueSchema: null, ...facts }
}

export function structSchema(fields: readonly SchemaField[], facts: SchemaFacts = {}): Schema {
  if (new Set(fields.map(({ name }) => name)).size < fields.length) {
    const names = fields.map(({ name }) => name).join(', ')
    throw new MirrorError('MIRROR_CONVERSION', `A struct cannot have two fields of one name: ${names}`)
  }
  return schemaOf('STRUCT', { ...facts, fields })
}

export const schemas = {
  int8: schemaOf('INT8'),
  int16: schemaOf('INT16'),
  int32: schemaOf('INT32'),
  int64: schemaOf('INT64'),
  float32: schemaOf('FLOAT32'),
  float64: schemaOf('FLOAT64'),
  boolean: schemaOf('BOOLEAN'),
  string: schemaOf('STRING'),
  bytes: schemaOf('BYTES'),
  optionalString: schemaOf('STRING', { optional: true }),
  optionalBytes: schemaOf('BYTES', { optional: true })
} as const

export function fieldOf(schema: Schema, name: string): SchemaField | undefined {
  return schema.fields.find((field) => field.name === name)
}

/**
 * Connect data in JavaScript. INT8 to INT32, FLOAT32 and FLOAT64 are numbers, INT64 a bigint, BYTES a Buffer, MAP a Map;
 * logical Date, Time and Timestamp are a `Date`, logical Decimal is a `Decimal`.
 */
export type ConnectValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Date
  | Decimal
  | Struct
  | readonly ConnectValue[]
  | ReadonlyMap<ConnectValue, ConnectValue>

/** A value of a STRUCT schema. */
export class Struct {
  readonly schema: Schema
  readonly #values = new Map<string, ConnectValue>()

  /** @throws MirrorError MIRROR_CONVERSION when a value is for a field that the schema lacks */
  constructor(schema: Schema, values: Readonly<Record<string, ConnectValue>> = {}) {
    this.schema = schema
    for (const [name, value] of Object.entries(values)) this.put(name, value)
  }

  /** The field's value, else its default, else null. Throws MirrorError MIRROR_CONVERSION for an unknown field. */
  get(name: string): ConnectValue {
    const field = this.#field(name)
    return this.#values.get(name) ?? field.schema.defaultValue ?? null
  }

  getWithoutDefault(name: string): ConnectValue {
    this.#field(name)
    return this.#values.get(name) ?? null
  }

  /** Only while the struct is being filled; structs in records are shared and must not change. */
  put(name: string, value: ConnectValue): this {
    this.#field(name)
    this.#values.set(name, value)
    return this
  }

  #field(name: string): { readonly schema: Schema } {
    const field = fieldOf(this.schema, name)
    if (field === undefined) throw new MirrorError('MIRROR_CONVERSION', `${name} is not a field of the struct`)
    return field
  }
}
