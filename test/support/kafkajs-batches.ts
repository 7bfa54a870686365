/** The encoders of kafkajs that write record batches and the message sets before them, with types. */
import { createRequire } from 'node:module'

interface KafkajsEncoder {
  readonly buffer: Buffer
}

export interface KafkajsRecord {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[]>>
}

export interface KafkajsMessage {
  readonly timestamp?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly compression?: number
}

const load = createRequire(import.meta.url)
const { RecordBatch: encodeBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<KafkajsEncoder>
}
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: KafkajsRecord) => KafkajsEncoder
const encodeMessageSet = load('kafkajs/src/protocol/messageSet') as (set: object) => KafkajsEncoder

export async function kafkajsBatch(
  records: readonly KafkajsRecord[],
  firstTimestamp: number,
  compression: 0 | 1
): Promise<Buffer> {
  const batch = await encodeBatch({
    compression,
    firstTimestamp,
    maxTimestamp: firstTimestamp + Math.max(...records.map((record) => record.timestampDelta)),
    lastOffsetDelta: records.length - 1,
    records: records.map((record) => encodeRecord(record))
  })
  return batch.buffer
}

/** Messages as they lie one behind the other; offsets -1, or 0, 1, ... for the inside of a wrapper. */
export function kafkajsMessageSet(magic: 0 | 1, entries: readonly KafkajsMessage[], forWrapper = false): Buffer {
  return encodeMessageSet({ messageVersion: magic, compression: forWrapper ? 1 : 0, entries }).buffer
}
