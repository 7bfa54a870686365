import { type ConnectHeader } from '../data/connect-record.ts'
import { type HeaderConverter } from '../data/plugin-interfaces.ts'
import { valueText } from '../data/value-text.ts'

/** The text form of a header's value; bytes become base64, which is seldom what is wanted of a mirror. */
export class SimpleHeaderConverter implements HeaderConverter {
  fromConnectHeader(_topic: string, { schema, value }: ConnectHeader): Buffer | null {
    return value === null ? null : Buffer.from(valueText(value, schema))
  }
}
