import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { CompactedLog, type CompactedLogOptions } from '../../client/compacted-log.ts'
import { type LogRecord } from '../../client/log-reader.ts'
import { partitionOfKey } from '../../wire/murmur2.ts'
import { type SourcePartition } from '../source-batch.ts'
import { type JsonValue, asJsonObject, isArray, jsonContentKey, writeJacksonJson } from './jackson-json.ts'
import { javaMapOrder } from './java-map-order.ts'
import { parseJson } from './json-parser.ts'

export type OffsetStoreOptions = Omit<CompactedLogOptions, 'onRecord'>

export interface OffsetEntry {
  readonly partition: SourcePartition
  /** Null forgets the position (a tombstone). */
  readonly offset: bigint | null
}

type StoredKey = readonly [connector: string, partition: { readonly [member: string]: JsonValue }]

interface StoredOffset {
  /** Undefined after a tombstone, and where nothing was ever committed (a null or negative offset). */
  readonly offset: bigint | undefined
  /** The text of a value whose offset is not an integer: Java would fail the task too. */
  readonly unreadable: string | undefined
  /** Whether the key's bytes are the ones that Java and we write. */
  readonly isCanonical: boolean
}

/**
 * Connect's offsets topic: where each source partition of each connector stands.
 *
 *   key    ["MirrorSourceConnector",{"cluster":"A","partition":3,"topic":"orders"}]
 *   value  {"offset":41}, the source offset of the last record known to be written; null record value: forgotten
 *
 * Written byte for byte as Java writes it, since Java looks keys up by their bytes. Read by content, so that other
 * spellings of a key count too, unless the canonical one is there.
 */
export class OffsetStore {
  readonly #log: CompactedLog
  readonly #logger: Logger
  readonly #topic: string
  /** By `jsonContentKey` of the key. */
  readonly #offsets = new Map<string, StoredOffset>()
  #putsSinceRead = 0

  constructor(options: OffsetStoreOptions) {
    this.#logger = options.logger
    this.#topic = options.topic
    this.#log = new CompactedLog({
      ...options,
      onRecord: (record) => {
        this.#take(record)
      }
    })
  }

  /** Creates or opens the topic and reads it to its end. Throws MIRROR_INTERNAL_TOPIC; waits for an absent cluster. */
  async load(): Promise<void> {
    await this.#log.start()
  }

  /**
   * Reads what others wrote since, then answers in the order asked; undefined where nothing is stored. Throws
   * MIRROR_INTERNAL_TOPIC when a stored value is not a position: going on would mirror the whole topic again.
   */
  async get(connector: string, partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]> {
    await this.#log.readToEnd()
    return partitions.map((partition) => {
      const key = storedKey(connector, partition)
      const stored = this.#offsets.get(jsonContentKey(key))
      if (stored?.unreadable === undefined) return stored?.offset
      throw new MirrorError(
        'MIRROR_INTERNAL_TOPIC',
        `The value ${stored.unreadable} of ${writeJacksonJson(key)} in ${this.#topic} is not a stored position. ` +
          'Write {"offset":N} under that key, or a tombstone to mirror the partition from its start'
      )
    })
  }

  /** Resolves when every entry is acknowledged by the target. */
  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const appends = entries.map(({ partition, offset }) => {
      const key = Buffer.from(writeJacksonJson(storedKey(connector, partition)))
      const value = offset === null ? null : Buffer.from(writeJacksonJson({ offset }))
      return { partition: partitionOfKey(key, this.#log.partitionCount), key, value }
    })
    await this.#log.append(appends)
    this.#putsSinceRead += entries.length
    if (this.#putsSinceRead >= catchUpAfterPuts) this.#catchUp()
  }

  /** So that `get` never has weeks of our own records to read while tasks wait for it. */
  #catchUp(): void {
    this.#putsSinceRead = 0
    this.#log.readToEnd().catch((thrown: unknown) => {
      this.#logger.debug({ err: asError(thrown) }, 'The offsets topic could not be caught up with; tried again later')
    })
  }

  /** Ends running calls. The producer is its owner's. */
  close(): void {
    this.#log.close()
  }

  #take({ key, value, partition, offset }: LogRecord): void {
    const text = key?.toString() ?? ''
    const parsed = readKey(text)
    if (parsed === undefined) {
      const at = `${this.#topic}-${partition}@${offset}`
      this.#logger.warn({ key: text.slice(0, 200) }, `The key at ${at} is not a connector's position; left alone`)
      return
    }
    const contentKey = jsonContentKey(parsed)
    const isCanonical = text === canonicalText(parsed)
    if (!isCanonical && this.#offsets.get(contentKey)?.isCanonical === true) return
    this.#offsets.set(contentKey, { ...readValue(value), isCanonical })
  }
}

/** About a MiB of records. */
const catchUpAfterPuts = 10_000

/** Member order is part of the stored bytes: it is the one of `partition.fields`. */
function storedKey(connector: string, partition: SourcePartition): StoredKey {
  return [connector, partition.fields]
}

/** A key's content as Java spells it. */
function canonicalText([connector, partition]: StoredKey): string {
  const fields = Object.fromEntries(javaMapOrder(Object.keys(partition)).map((name) => [name, partition[name] ?? null]))
  return writeJacksonJson([connector, fields])
}

function readKey(text: string): StoredKey | undefined {
  const key = parseOrUndefined(text)
  if (typeof key !== 'object' || key === null || !isArray(key)) return undefined
  const [connector, partition, ...others] = key
  const fields = asJsonObject(partition)
  return typeof connector === 'string' && fields !== null && others.length === 0 ? [connector, fields] : undefined
}

function readValue(value: Buffer | null): Pick<StoredOffset, 'offset' | 'unreadable'> {
  if (value === null) return { offset: undefined, unreadable: undefined }
  const text = value.toString()
  const parsed = parseOrUndefined(text)
  const offset = asJsonObject(parsed)?.['offset'] ?? null
  const isPosition = typeof offset === 'bigint' && BigInt.asIntN(64, offset) === offset
  if (isPosition) return { offset: offset < 0n ? undefined : offset, unreadable: undefined }
  const isNothing = parsed === null || (asJsonObject(parsed) !== null && offset === null)
  return { offset: undefined, unreadable: isNothing ? undefined : text.slice(0, 200) }
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
