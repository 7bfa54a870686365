import { type Logger } from '../../base/logger.ts'
import { type LogRecord } from '../../client/log-reader.ts'

/** The one line about a record of an internal topic that cannot be understood; the rest of the topic is not touched by it. */
export function reportSkipped(logger: Logger, topic: string, record: LogRecord, problem: string): void {
  const { partition, offset, key } = record
  const fields = { topic, partition, offset: String(offset), key: key?.toString().slice(0, 200) ?? null }
  logger.warn(fields, `Skipped the record of ${topic}-${partition} at offset ${offset}: ${problem}`)
}
