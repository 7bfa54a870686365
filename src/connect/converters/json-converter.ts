import { MirrorError } from '../../base/errors.ts'
import { boolean, choice, int, string } from '../../config/option-table.ts'
import { type ConnectHeader } from '../data/connect-record.ts'
import { type ConnectValue, type Schema, Struct } from '../data/connect-data.ts'
import { Decimal } from '../data/decimal.ts'
import { numberText } from '../data/java-number-text.ts'
import { daysOf, logicalNames, millisOfDay } from '../data/logical-types.ts'
import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'
import { fits } from '../data/schema-check.ts'
import { isList } from '../data/value-text.ts'
import { writeJacksonJson } from '../storage/jackson-json.ts'
import { schemaJson } from './json-schema.ts'

const noReading = { ignored: 'nothing is read by it here' }

export const jsonConverterOptions = {
  'schemas.enable': boolean({
    default: true,
    importance: 'high',
    meaning: 'Whether each message is an envelope of schema and payload.'
  }),
  'schemas.cache.size': int({
    default: 1000,
    status: { ignored: 'the JSON of a schema is kept as long as the schema' },
    meaning: 'How many schemas are kept.'
  }),
  'decimal.format': choice({
    words: ['BASE64', 'NUMERIC'],
    ignoreCase: true,
    default: 'BASE64',
    meaning: 'Whether decimals are written as bytes or as numbers.'
  }),
  'replace.null.with.default': boolean({
    default: true,
    meaning: 'Whether a null is written as the default value of its schema.'
  }),
  'schema.content': string({ default: null, status: noReading, meaning: 'Schema of what is read.' })
}

export interface JsonConverterSettings {
  readonly hasEnvelope: boolean
  readonly decimalFormat: 'BASE64' | 'NUMERIC'
  readonly replacesNull: boolean
}

/** JSON in the bytes that the reference writes, but for numbers without a schema: a whole one is written as an integer. */
export class JsonConverter implements Converter, HeaderConverter {
  readonly #settings: JsonConverterSettings
  readonly #schemaJson = new WeakMap<Schema, string>()
  readonly #write = (schema: Schema, value: ConnectValue): string => this.#json(schema, value)

  constructor(settings: JsonConverterSettings) {
    this.#settings = settings
  }

  /** A null with a schema is the JSON text `null`, as in the reference: it is no tombstone. */
  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Buffer | null {
    if (schema === null && value === null) return null
    const payload = this.#json(schema, value)
    if (!this.#settings.hasEnvelope) return Buffer.from(payload)
    return Buffer.from(`{"schema":${this.#schemaText(schema)},"payload":${payload}}`)
  }

  fromConnectHeader(topic: string, { schema, value }: ConnectHeader): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }

  #schemaText(schema: Schema | null): string {
    if (schema === null) return 'null'
    let text = this.#schemaJson.get(schema)
    if (text === undefined) {
      text = schemaJson(schema, this.#write)
      this.#schemaJson.set(schema, text)
    }
    return text
  }

  #json(schema: Schema | null, value: ConnectValue): string {
    if (value === null) return this.#nullJson(schema)
    if (!fits(value, schema)) {
      const expected = schema?.name ?? schema?.type
      throw new MirrorError('MIRROR_CONVERSION', `A value does not fit its schema, which is ${expected}`)
    }
    if (typeof value === 'number') return numberJson(value, schema)
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') {
      return writeJacksonJson(value)
    }
    if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`
    if (value instanceof Date || value instanceof Decimal) return this.#logicalJson(schema, value)
    if (value instanceof Struct) return this.#structJson(value)
    if (isList(value)) return `[${value.map((item) => this.#json(schema?.valueSchema ?? null, item)).join(',')}]`
    return this.#mapJson(schema, value)
  }

  #nullJson(schema: Schema | null): string {
    if (schema === null) return 'null'
    const { defaultValue, optional } = schema
    if (defaultValue !== undefined && defaultValue !== null && this.#settings.replacesNull) {
      return this.#json(schema, defaultValue)
    }
    if (optional) return 'null'
    throw new MirrorError('MIRROR_CONVERSION', 'A value is null, but its schema is neither optional nor has a default')
  }

  #logicalJson(schema: Schema | null, value: Date | Decimal): string {
    if (value instanceof Decimal) {
      if (schema !== null) {
        return this.#settings.decimalFormat === 'NUMERIC'
          ? value.toString()
          : `"${value.unscaledBytes().toString('base64')}"`
      }
      throw new MirrorError('MIRROR_CONVERSION', 'A decimal needs a schema to be written as JSON')
    }
    if (schema?.name === logicalNames.date) return String(daysOf(value))
    if (schema?.name === logicalNames.time) return String(millisOfDay(value))
    if (schema?.name === logicalNames.timestamp) return String(value.getTime())
    throw new MirrorError('MIRROR_CONVERSION', 'A date needs a schema to be written as JSON')
  }

  #structJson(struct: Struct): string {
    const members = struct.schema.fields.map(({ name, schema }) => {
      const value = this.#settings.replacesNull ? struct.get(name) : struct.getWithoutDefault(name)
      return `${writeJacksonJson(name)}:${this.#json(schema, value)}`
    })
    return `{${members.join(',')}}`
  }

  /** An object where all keys are text, else a list of pairs. */
  #mapJson(schema: Schema | null, map: ReadonlyMap<ConnectValue, ConnectValue>): string {
    const [keySchema, valueSchema] = [schema?.keySchema ?? null, schema?.valueSchema ?? null]
    const entries = [...map]
    const isObject =
      keySchema === null
        ? entries.every(([key]) => typeof key === 'string')
        : keySchema.type === 'STRING' && !keySchema.optional
    const members = entries.map(([key, value]) => {
      const pair = [this.#json(keySchema, key), this.#json(valueSchema, value)] as const
      return isObject ? pair.join(':') : `[${pair.join(',')}]`
    })
    return isObject ? `{${members.join(',')}}` : `[${members.join(',')}]`
  }
}

/** What is no number in JSON is text. */
function numberJson(value: number, schema: Schema | null): string {
  const text = numberText(value, schema?.type ?? null)
  return Number.isFinite(value) ? text : `"${text}"`
}
