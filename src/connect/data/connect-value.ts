import { type Decimal } from './decimal.ts'
import { type Struct } from './struct.ts'

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
