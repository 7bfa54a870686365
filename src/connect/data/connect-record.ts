import { type ConnectValue, type Schema } from './connect-data.ts'

export interface SchemaAndValue {
  /** Null for schemaless data. */
  readonly schema: Schema | null
  readonly value: ConnectValue
}

/** Headers are a list: names may repeat, and order counts. */
export interface ConnectHeader extends SchemaAndValue {
  readonly key: string
}

/** A record as transformations and predicates see it. Immutable: a transformation answers with another one, or the same. */
export interface ConnectRecord {
  /** Topic at the target. */
  readonly topic: string
  /** Partition at the target; null leaves it where it was. */
  readonly partition: number | null
  readonly keySchema: Schema | null
  readonly key: ConnectValue
  readonly valueSchema: Schema | null
  readonly value: ConnectValue
  /** Milliseconds since 1970; null or -1n for none. */
  readonly timestamp: bigint | null
  readonly headers: readonly ConnectHeader[]
}
