import { MirrorError } from '../../base/errors.ts'
import { type ConnectHeader } from '../data/connect-record.ts'
import { type ConnectValue, type Schema } from '../data/connect-data.ts'
import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'

/** Bytes as they are. The one converter under which whole batches can pass undecoded. */
export class ByteArrayConverter implements Converter, HeaderConverter {
  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Buffer | null {
    if (schema !== null && schema.type !== 'BYTES') {
      throw new MirrorError('MIRROR_CONVERSION', `ByteArrayConverter takes BYTES only, not ${schema.type}`)
    }
    if (value === null || Buffer.isBuffer(value)) return value
    throw new MirrorError('MIRROR_CONVERSION', `ByteArrayConverter takes bytes only, not a ${typeof value}`)
  }

  fromConnectHeader(topic: string, { schema, value }: ConnectHeader): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}
