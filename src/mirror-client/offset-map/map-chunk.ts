import { asError, MirrorError } from '../../base/errors.ts'
import { ProtocolError, Reader } from '../../wire/reader.ts'
import { Writer } from '../../wire/writer.ts'
import { decodeItems, reasonOf, type Segment } from './map-items.ts'
import { type HoleReason, holeReasons } from './partition-map.ts'

/** What names a chunk. A writer generation has chunks of its own, so that a late one writes over nobody else's. */
export interface ChunkKey {
  readonly topic: string
  readonly partition: number
  readonly generation: number
  /** Counts up from 0 within the generation. */
  readonly number: number
}

/**
 * What a pass has to mirror before the end of the target says the same as the passes before it: until then records that
 * only lie before its start would be left out by whoever begins within it.
 */
export interface Backlog {
  /** What earlier passes hold ends here; once no records are missing, where the last of them was. */
  readonly at: bigint
  /** Records from there on that may lie on the target without being in the map, and are still to be mirrored again. */
  readonly records: number
}

/** A pass, or as much of it as is in this chunk. */
export interface PartHead {
  /** It goes on where the chunk before ends. */
  readonly isContinued: boolean
  /** Why the pass does not go on where the one before it ended. */
  readonly reason: HoleReason
  /** Source position and target position of the start. */
  readonly from: bigint
  readonly d: bigint
  readonly backlog: Backlog | undefined
}

export interface MapPart extends PartHead {
  readonly to: bigint
  /** Behind its last record. */
  readonly dEnd: bigint
  readonly segments: readonly Segment[]
}

export interface MapChunk {
  readonly sourceTopicId: Buffer | null
  readonly targetTopicId: Buffer | null
  readonly parts: readonly MapPart[]
}

const version = 0
const headBytes = 2 + 16 + 16

/** @throws MirrorError MIRROR_RECORD_INVALID for a name of more than 32767 bytes */
export function encodeChunkKey({ topic, partition, generation, number }: ChunkKey): Buffer {
  try {
    return new Writer().int16(version).string(topic).int32(partition).int32(generation).int32(number).toBuffer()
  } catch (thrown) {
    throw invalid('The key of an offset map record cannot be written', thrown)
  }
}

/** @throws MirrorError MIRROR_RECORD_INVALID */
export function decodeChunkKey(key: Buffer): ChunkKey {
  return reading('the key of an offset map record', () => {
    const reader = new Reader(key)
    readVersion(reader)
    return {
      topic: reader.string(),
      partition: reader.int32(),
      generation: reader.int32(),
      number: reader.int32()
    }
  })
}

/**
 *   value => version INT16, source_topic_id UUID, target_topic_id UUID, [part]
 *   part  => flags INT8 (1 continued, 2 with backlog, reason << 2), from INT64, d INT64,
 *            [backlog_at INT64, backlog_records UNSIGNED_VARINT], items with their length as UNSIGNED_VARINT
 */
export function encodeChunk(
  ids: Pick<MapChunk, 'sourceTopicId' | 'targetTopicId'>,
  parts: readonly Uint8Array[]
): Buffer {
  const head = new Writer().int16(version).uuid(ids.sourceTopicId).uuid(ids.targetTopicId).toBuffer()
  return Buffer.concat([head, ...parts])
}

export function encodePart({ isContinued, reason, from, d, backlog }: PartHead, items: Buffer): Buffer {
  const flags = (isContinued ? 1 : 0) | (backlog === undefined ? 0 : 2) | (holeReasons.indexOf(reason) << 2)
  const writer = new Writer().int8(flags).int64(from).int64(d)
  if (backlog !== undefined) writer.int64(backlog.at).unsignedVarint(Math.min(backlog.records, 0xffffffff))
  return writer.unsignedVarint(items.length).raw(items).toBuffer()
}

/** Cheap: whether this is worth keeping. @throws MirrorError MIRROR_RECORD_INVALID */
export function checkChunk(value: Buffer): void {
  reading('an offset map record', () => {
    readVersion(new Reader(value))
    if (value.length < headBytes) throw new ProtocolError(`It has ${value.length} bytes only`)
  })
}

/** @throws MirrorError MIRROR_RECORD_INVALID */
export function decodeChunk(value: Buffer): MapChunk {
  return reading('an offset map record', () => {
    const reader = new Reader(value)
    readVersion(reader)
    const sourceTopicId = reader.uuid()
    const targetTopicId = reader.uuid()
    const parts: MapPart[] = []
    while (reader.remaining > 0) parts.push(readPart(reader))
    return { sourceTopicId, targetTopicId, parts }
  })
}

function readPart(reader: Reader): MapPart {
  const flags = reader.int8()
  const from = reader.int64()
  const d = reader.int64()
  const backlog = (flags & 2) === 0 ? undefined : { at: reader.int64(), records: reader.unsignedVarint() }
  const length = reader.unsignedVarint()
  if (length > reader.remaining) throw new ProtocolError(`Items of ${length} bytes, but ${reader.remaining} are left`)
  const { segments, sourceLength, targetLength } = decodeItems(
    reader.buffer.subarray(reader.offset, reader.offset + length)
  )
  reader.offset += length
  return {
    isContinued: (flags & 1) === 1,
    reason: reasonOf((flags >> 2) & 7),
    from,
    d,
    backlog,
    to: from + BigInt(sourceLength),
    dEnd: d + BigInt(targetLength),
    segments
  }
}

function readVersion(reader: Reader): void {
  const found = reader.int16()
  if (found !== version) throw new ProtocolError(`Version ${found} is not known to this program`)
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    throw invalid(`Not ${what}`, thrown)
  }
}

function invalid(what: string, thrown: unknown): MirrorError {
  const cause = asError(thrown)
  return new MirrorError('MIRROR_RECORD_INVALID', `${what}: ${cause.message}`, { cause })
}
