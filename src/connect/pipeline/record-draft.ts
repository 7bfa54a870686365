import { type DecodedRecord, type RecordHeader } from '../../wire/record.ts'
import { type ConnectHeader, type ConnectRecord } from '../data/connect-record.ts'
import { type Schema, schemas } from '../data/connect-data.ts'

/** A header as it came, with its key's bytes: not every producer writes UTF-8, and what nobody touches arrives as it was. */
export class WireHeader implements ConnectHeader {
  readonly key: string
  readonly schema: Schema | null
  readonly value: Buffer | null
  readonly pair: RecordHeader

  constructor(pair: RecordHeader) {
    this.key = pair[0].toString()
    this.schema = pair[1] === null ? null : schemas.bytes
    this.value = pair[1]
    this.pair = pair
  }
}

/** A record on its way through the steps of a pipeline. Each step takes `record` or fills in the bytes. */
export interface RecordDraft {
  /** Place in the batch it came from. */
  readonly index: number
  readonly source: DecodedRecord
  /** The headers that `record` began with: the same array as long as nobody touched them. */
  readonly sourceHeaders: readonly ConnectHeader[]
  /** Null once the record is dropped. */
  record: ConnectRecord | null
  key: Buffer | null
  value: Buffer | null
  headers: readonly RecordHeader[]
}

const noHeaders: readonly ConnectHeader[] = []

/** Keys and values are optional bytes, as the reference's connectors declare them. */
export function draftOf(source: DecodedRecord, index: number, topic: string, partition: number): RecordDraft {
  const { key, value, timestamp, headers } = source
  const sourceHeaders = headers.length === 0 ? noHeaders : headers.map((pair) => new WireHeader(pair))
  const record: ConnectRecord = {
    topic,
    partition,
    keySchema: schemas.optionalBytes,
    key,
    valueSchema: schemas.optionalBytes,
    value,
    timestamp,
    headers: sourceHeaders
  }
  return { index, source, sourceHeaders, record, key, value, headers }
}
