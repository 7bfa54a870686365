import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'

/** Key and value of a record of an internal topic, as they lie in the log. */
export interface EncodedRecord {
  readonly key: Buffer
  readonly value: Buffer
}

/** Told of records that a newer program wrote. They are read as version 0, as the reference reads them. */
export type OnNewerVersion = (version: number) => void

/** The version that checkpoints and heartbeats begin with. */
export const formatVersion = 0

/**
 * Fields are big-endian, strings have a 16-bit length (spec 5): the classic types of Kafka's protocol.
 * @throws MirrorError MIRROR_RECORD_INVALID for a string of more than 32767 bytes
 */
export function encodeFields(what: string, write: (writer: Writer) => Writer): Buffer {
  try {
    return write(new Writer()).toBuffer()
  } catch (thrown) {
    throw invalid(`${what} cannot be written`, thrown)
  }
}

/**
 * What lies behind the last field is ignored.
 * @throws MirrorError MIRROR_RECORD_INVALID where bytes are missing
 */
export function decodeFields<T>(what: string, bytes: Buffer, read: (reader: Reader) => T): T {
  try {
    return read(new Reader(bytes))
  } catch (thrown) {
    throw invalid(`Not ${what}`, thrown)
  }
}

export function readVersion(reader: Reader, onNewerVersion: OnNewerVersion | undefined): void {
  const version = reader.int16()
  if (version !== formatVersion) onNewerVersion?.(version)
}

/** One warning for a topic, however many of its records are newer. */
export function warnOfNewerVersions(logger: Logger, topic: string): OnNewerVersion {
  let hasWarned = false
  return (version) => {
    if (hasWarned) return
    hasWarned = true
    logger.warn({ topic, version }, `${topic} holds records of version ${version}; they are read as version 0`)
  }
}

function invalid(what: string, thrown: unknown): MirrorError {
  const cause = asError(thrown)
  return new MirrorError('MIRROR_RECORD_INVALID', `${what}: ${cause.message}`, { cause })
}
