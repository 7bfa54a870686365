import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { CompactedLog, type CompactedLogOptions, type LogAppend } from '../../client/compacted-log.ts'
import { type LogRecord } from '../../client/log-reader.ts'
import { type RenewableProducer } from '../../client/renewable-producer.ts'
import { partitionOfKey } from '../../wire/murmur2.ts'
import { type SourcePartition } from '../source-batch.ts'
import {
  type JsonMap,
  type JsonValue,
  asJsonObject,
  isArray,
  isJsonMap,
  jsonContentKey,
  writeJacksonJson
} from './jackson-json.ts'
import { javaMapOrder } from './java-map-order.ts'
import { parseJson } from './json-parser.ts'
import { reportSkipped } from './skipped-record.ts'

export interface OffsetStoreOptions extends Omit<CompactedLogOptions, 'onRecord' | 'producer'> {
  /** Of this store alone. */
  readonly producer: RenewableProducer
}

export interface OffsetEntry {
  readonly partition: SourcePartition
  /** Null forgets the position (a tombstone). */
  readonly offset: bigint | null
}

/** A position as it is stored, of whatever connector: integers are `bigint`. */
export interface StoredPosition {
  readonly partition: JsonMap
  readonly offset: JsonMap
}

/** A change of a position. What is not JSON with integers only is refused. */
export interface PositionChange {
  readonly partition: Readonly<Record<string, unknown>>
  /** Null forgets the position. */
  readonly offset: Readonly<Record<string, unknown>> | null
}

type StoredKey = readonly [connector: string, partition: JsonMap]

interface StoredOffset {
  /**
   * N of the value `{"offset":N}`, which nearly all have; the text of another JSON value; null after a tombstone, which
   * still counts: an odd spelling of the key must not come back to life.
   */
  readonly value: bigint | string | null
  readonly spelling: KeySpelling
}

/**
 * How the bytes of a key spell its content. Canonical ones are those that Java and we write; plain ones are canonical and
 * the same as the content key, as MirrorMaker's are: such a key is known again by its text.
 */
type KeySpelling = 'plain' | 'canonical' | 'other'

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
  readonly #producer: RenewableProducer
  readonly #logger: Logger
  readonly #topic: string
  /** By `jsonContentKey` of the key. */
  readonly #offsets = new Map<string, StoredOffset>()
  #putsSinceRead = 0

  constructor(options: OffsetStoreOptions) {
    this.#logger = options.logger
    this.#producer = options.producer
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
      const value = this.#offsets.get(jsonContentKey(key))?.value ?? null
      const offset = typeof value === 'string' ? readOffset(value) : value
      if (offset !== 'unreadable') return offset === null || offset < 0n ? undefined : offset
      throw new MirrorError(
        'MIRROR_INTERNAL_TOPIC',
        `The value ${String(value).slice(0, 200)} of ${writeJacksonJson(key)} in ${this.#topic} is not a stored position. ` +
          'Write {"offset":N} under that key, or a tombstone to mirror the partition from its start'
      )
    })
  }

  /** Reads what others wrote since, then gives all positions of a connector, for operators. */
  async connectorOffsets(connector: string): Promise<StoredPosition[]> {
    await this.#log.readToEnd()
    // Few ask for this: a search costs less than an index would, which every position would pay for.
    const prefix = `[${writeJacksonJson(connector)},`
    const positions: StoredPosition[] = []
    for (const [contentKey, { value }] of this.#offsets) {
      if (value === null || !contentKey.startsWith(prefix)) continue
      const key = readKey(contentKey)
      const offset = typeof value === 'string' ? asJsonObject(parseOrUndefined(value)) : { offset: value }
      if (key !== undefined && offset !== null) positions.push({ partition: inJavaOrder(key[1]), offset })
    }
    return positions
  }

  /**
   * Writes positions of any shape under the keys that a connector's tasks will look up. Resolves when all are acknowledged;
   * throws RangeError for what is not JSON with integers only.
   */
  async alter(connector: string, changes: readonly PositionChange[]): Promise<void> {
    const appends = changes.map(({ partition, offset }) =>
      this.#appendOf(
        canonicalText([connector, checkedMap(partition)]),
        offset === null ? null : writeJavaMap(checkedMap(offset))
      )
    )
    await this.#log.append(appends)
  }

  /** Resolves when every entry is acknowledged by the target. */
  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const appends = entries.map(({ partition, offset }) =>
      this.#appendOf(
        writeJacksonJson(storedKey(connector, partition)),
        offset === null ? null : writeJacksonJson({ offset })
      )
    )
    await this.#log.append(appends)
    this.#putsSinceRead += entries.length
    if (this.#putsSinceRead >= catchUpAfterPuts) this.#catchUp()
  }

  /**
   * Positions that are not acknowledged are not written any more, and their `put` rejects. For a worker that was cut off:
   * what it had queued then would take the place of what its successors have stored meanwhile.
   */
  async dropWrites(): Promise<void> {
    this.#log.giveUpAppends()
    await this.#producer.renew()
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

  #appendOf(keyText: string, valueText: string | null): LogAppend {
    const key = Buffer.from(keyText)
    const value = valueText === null ? null : Buffer.from(valueText)
    return { partition: partitionOfKey(key, this.#log.partitionCount), key, value }
  }

  #take(record: LogRecord): void {
    const key = this.#identify(record.key?.toString() ?? '')
    if (key === undefined) {
      reportSkipped(this.#logger, this.#topic, record, "its key is not a connector's position")
      return
    }
    const { contentKey, spelling } = key
    const known = this.#offsets.get(contentKey)
    const value = readValue(record.value)
    if (value === undefined) reportSkipped(this.#logger, this.#topic, record, 'its value is not a JSON object')
    // What a broken record hides is better than nothing; where it hides nothing, `get` must not take it for nothing.
    if (value === undefined && (known?.value ?? null) !== null) return
    if (spelling === 'other' && known !== undefined && known.spelling !== 'other') return
    this.#offsets.set(contentKey, { value: value === undefined ? String(record.value) : value, spelling })
  }

  /** Undefined when it is not a connector's. Keys come back with each of their positions: only new ones are parsed. */
  #identify(text: string): { readonly contentKey: string; readonly spelling: KeySpelling } | undefined {
    if (this.#offsets.get(text)?.spelling === 'plain') return { contentKey: text, spelling: 'plain' }
    const key = readKey(text)
    if (key === undefined) return undefined
    const contentKey = jsonContentKey(key)
    const isCanonical = text === canonicalText(key)
    return { contentKey, spelling: !isCanonical ? 'other' : text === contentKey ? 'plain' : 'canonical' }
  }
}

/** A position as it is written, and small enough for any 64-bit integer: 10,000 of them need no parser. */
const plainValue = /^\{"offset":(-?[0-9]{1,18})\}$/

/** About a MiB of records. */
const catchUpAfterPuts = 10_000

/** Member order is part of the stored bytes: it is the one of `partition.fields`. */
function storedKey(connector: string, partition: SourcePartition): StoredKey {
  return [connector, partition.fields]
}

/** A key's content as Java spells it. */
function canonicalText([connector, partition]: StoredKey): string {
  return `[${writeJacksonJson(connector)},${writeJavaMap(partition)}]`
}

/** Text by text: an object would move members that look like integers to its front. */
function writeJavaMap(map: JsonMap): string {
  const members = javaMapOrder(Object.keys(map)).map(
    (name) => `${writeJacksonJson(name)}:${writeJacksonJson(map[name] ?? null)}`
  )
  return `{${members.join(',')}}`
}

function inJavaOrder(map: JsonMap): JsonMap {
  return Object.fromEntries(javaMapOrder(Object.keys(map)).map((name) => [name, map[name] ?? null]))
}

function checkedMap(map: Readonly<Record<string, unknown>>): JsonMap {
  if (!isJsonMap(map)) throw new RangeError('A source partition or offset must be a JSON object')
  return map
}

function readKey(text: string): StoredKey | undefined {
  const key = parseOrUndefined(text)
  if (typeof key !== 'object' || key === null || !isArray(key)) return undefined
  const [connector, partition, ...others] = key
  const fields = asJsonObject(partition)
  if (typeof connector !== 'string' || fields === null || others.length > 0) return undefined
  return Object.values(fields).every(isField) ? [connector, fields] : undefined
}

/** Connect takes nothing nested here, and a fraction has no spelling that could be looked up. */
function isField(value: JsonValue): boolean {
  return value === null || ['string', 'bigint', 'boolean'].includes(typeof value)
}

/** As `StoredOffset.value`; undefined when it is not JSON, or of another kind. */
function readValue(value: Buffer | null): StoredOffset['value'] | undefined {
  if (value === null) return null
  const text = value.toString()
  const [, position] = plainValue.exec(text) ?? []
  if (position !== undefined) return BigInt(position)
  const parsed = parseOrUndefined(text)
  if (parsed === null) return null
  const members = asJsonObject(parsed)
  if (members === null) return undefined
  const { offset } = members
  return isLong(offset) && Object.keys(members).length === 1 ? offset : text
}

/** Of a value other than `{"offset":N}`. Null where there is none; Java would fail the task, too, for an unreadable one. */
function readOffset(text: string): bigint | null | 'unreadable' {
  const members = asJsonObject(parseOrUndefined(text))
  if (members === null) return 'unreadable'
  const { offset = null } = members
  return offset === null || isLong(offset) ? offset : 'unreadable'
}

function isLong(value: JsonValue | undefined): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
