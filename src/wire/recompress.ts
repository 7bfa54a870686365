import { ProtocolError } from './reader.ts'

/** The same batch with another codec (`codecIds`), for `producer.compression.type`. */
export async function recompress(batch: Buffer, codec: number): Promise<Buffer> {
  return await Promise.reject(new ProtocolError(`Not yet: ${batch.length} ${codec}`))
}
