import { MirrorError } from '../../base/errors.ts'
import { type ConnectValue } from './connect-value.ts'
import { fieldOf, type Schema } from './schema.ts'

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
