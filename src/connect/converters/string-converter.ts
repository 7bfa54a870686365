import { choice } from '../../config/option-table.ts'
import { type ConnectHeader } from '../data/connect-record.ts'
import { type ConnectValue, type Schema } from '../data/connect-data.ts'
import { objectText } from '../data/object-text.ts'
import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'

/** Java's names of the encodings that can be written here. */
const encodings = { 'UTF-8': 'utf8', 'UTF-16LE': 'utf16le', 'ISO-8859-1': 'latin1', 'US-ASCII': 'latin1' } as const
type EncodingName = keyof typeof encodings

export const stringConverterOptions = {
  'converter.encoding': choice({
    words: ['UTF-8', 'UTF-16LE', 'ISO-8859-1', 'US-ASCII'],
    ignoreCase: true,
    default: 'UTF-8',
    importance: 'high',
    meaning: 'Encoding of the text.'
  })
}

/** The text of a value. */
export class StringConverter implements Converter, HeaderConverter {
  readonly #encoding: BufferEncoding
  readonly #unwritable: RegExp | null

  constructor(name: EncodingName) {
    this.#encoding = encodings[name]
    // Java writes a question mark for what the encoding lacks; Node would write some other character.
    if (name === 'US-ASCII') this.#unwritable = /[^\0-\x7f]/gu
    else this.#unwritable = name === 'ISO-8859-1' ? /[^\0-\xff]/gu : null
  }

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Buffer | null {
    if (value === null) return null
    const text = objectText(value, schema)
    return Buffer.from(this.#unwritable === null ? text : text.replace(this.#unwritable, '?'), this.#encoding)
  }

  fromConnectHeader(topic: string, { schema, value }: ConnectHeader): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}
