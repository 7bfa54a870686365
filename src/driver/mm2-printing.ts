import { asError } from '../base/errors.ts'
import { type LogRecord } from '../client/log-reader.ts'
import { decodeCheckpoint } from '../mirror-client/checkpoint.ts'
import { formatCheckpoint, formatHeartbeat, formatOffsetSync } from '../mirror-client/formatters.ts'
import { decodeHeartbeat } from '../mirror-client/heartbeat.ts'
import { decodeOffsetSync } from '../mirror-client/offset-sync.ts'
import { type PrintCommand, type PrintedTopic } from './mm2-command-line.ts'

interface Printed {
  /** The line of the reference's formatter. */
  readonly text: string
  readonly fields: JsonFields
}

/** How each topic's records are read. */
const formats: Readonly<Record<PrintedTopic, (key: Buffer, value: Buffer) => Printed>> = {
  checkpoints: (key, value) => {
    const checkpoint = decodeCheckpoint(key, value)
    return { text: formatCheckpoint(checkpoint), fields: { ...checkpoint } }
  },
  heartbeats: (key, value) => {
    const heartbeat = decodeHeartbeat(key, value)
    return { text: formatHeartbeat(heartbeat), fields: { ...heartbeat } }
  },
  'offset-syncs': (key, value) => {
    const sync = decodeOffsetSync(key, value)
    return { text: formatOffsetSync(sync), fields: { ...sync } }
  }
}

export interface RecordPrinterOptions extends Pick<
  PrintCommand,
  'command' | 'json' | 'fromBeginning' | 'follow' | 'group' | 'topic'
> {
  readonly print: (line: string) => void
  readonly complain: (line: string) => void
}

/** Prints records of an internal topic, a line each. */
export class RecordPrinter {
  readonly #options: RecordPrinterOptions
  /** By key: what is shown of a topic as it stands. */
  readonly #newest = new Map<string, LogRecord>()
  #isCaughtUp = false

  constructor(options: RecordPrinterOptions) {
    this.#options = options
  }

  /** In the order of the topic. */
  take(record: LogRecord): void {
    const { fromBeginning, follow } = this.#options
    if (fromBeginning || this.#isCaughtUp) {
      this.#print(record)
      return
    }
    if (follow) return
    const key = record.key?.toString('hex') ?? ''
    // To the end of the line, so that keys come in the order of their newest records.
    this.#newest.delete(key)
    // Copied: a view keeps all of the answer that it came in.
    const { value } = record
    if (value !== null) this.#newest.set(key, { ...record, key: copyOf(record.key), value: copyOf(value) })
  }

  /** All that the topic held at the start has been taken. */
  caughtUp(): void {
    this.#isCaughtUp = true
    for (const record of this.#newest.values()) this.#print(record)
    this.#newest.clear()
  }

  /** Tombstones have nothing to print. */
  #print({ offset, key, value }: LogRecord): void {
    if (value === null) return
    const { command, json, group, topic, print, complain } = this.#options
    try {
      const { text, fields } = formats[command](key ?? Buffer.alloc(0), value)
      if (group !== undefined && fields['consumerGroupId'] !== group) return
      if (topic !== undefined && fields['topic'] !== topic) return
      print(json ? jsonLine(fields) : text)
    } catch (thrown) {
      complain(`Record ${offset} cannot be read: ${asError(thrown).message}`)
    }
  }
}

export type JsonFields = Readonly<Record<string, string | number | bigint | boolean | null>>

/** Offsets as numbers, whatever their size. */
export function jsonLine(fields: JsonFields): string {
  const members = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`
  )
  return `{${members.join(',')}}`
}

function copyOf<T extends Buffer | null>(bytes: T): T | Buffer {
  return bytes === null ? bytes : Buffer.from(bytes)
}
