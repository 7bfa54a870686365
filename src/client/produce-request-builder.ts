import { type RingBuffer } from '../base/ring-buffer.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { type ProducePartition, type ProduceRequest } from '../wire/api/00-produce.ts'
import { unsupportedCodec } from './produce-failure.ts'
import { type ProducerPartition } from './producer-partition.ts'
import { type SendUnit } from './send-unit.ts'

/** A request in flight; `units[i]` is of `partitions[i]`. */
export interface SentRequest {
  readonly id: number
  readonly message: ProduceRequest
  readonly partitions: readonly ProducerPartition[]
  readonly units: readonly SendUnit[]
}

export interface BuiltRequest extends SentRequest {
  /** Partitions that left the line without being sent: led by another broker by now, or stopped. */
  readonly left: readonly ProducerPartition[]
}

export interface RequestTraits {
  readonly id: number
  readonly version: number
  readonly nowMs: number
  /** What the request goes over. */
  readonly connection: object
  readonly settings: ProducerSettings
}

const zstd = 4
const zstdSinceVersion = 7
/** Beyond this a request only makes its neighbours wait; brokers take 100 MB (socket.request.max.bytes). */
const mostRequestBytes = 8 * 1024 * 1024
/**
 * `max.request.size` is what Java's producer puts into a request that it builds from records, 1 MiB by default. Relayed
 * batches come ready-made and many at once, so the same setting bounds eight times as much.
 */
const requestSizes = 8

/**
 * Takes from the front of the line until the request is full: each partition is asked for one batch. Who did not fit stays
 * in front, so that all get their turn.
 *
 * A partition leaves the line when it is taken, and whoever adds it again does so after the request is built. So a
 * partition cannot occur twice in a request: brokers keep the last of the two batches and answer as if both were stored.
 */
export function buildProduceRequest(
  line: RingBuffer<ProducerPartition>,
  sender: { readonly nodeId: number },
  { id, version, nowMs, connection, settings }: RequestTraits
): BuiltRequest {
  const mostBytes = Math.min(mostRequestBytes, settings.maxRequestBytes * requestSizes)
  const topics = new Map<string, { readonly name: string; readonly partitions: ProducePartition[] }>()
  const partitions: ProducerPartition[] = []
  const units: SendUnit[] = []
  const left: ProducerPartition[] = []
  let bytes = 0
  for (let partition = line.peek(); partition !== undefined; partition = line.peek()) {
    const isHere = partition.lineOf === sender
    const canSend = isHere && partition.leader === sender.nodeId && partition.canSend()
    if (canSend && bytes > 0 && bytes + partition.nextBytesAtMost() > mostBytes) break
    line.shift()
    // Moved to another line meanwhile: this place is stale.
    if (!isHere) continue
    partition.lineOf = null
    const unit = canSend ? partition.take(id, nowMs, connection) : undefined
    if (unit === undefined) {
      left.push(partition)
      continue
    }
    partition.sentThrough = sender
    if (unit.codec === zstd && version < zstdSinceVersion) {
      partition.fail(unit, unsupportedCodec(partition.where))
      left.push(partition)
      continue
    }
    partitions.push(partition)
    units.push(unit)
    bytes += unit.records.length
    addTo(topics, partition, unit.records)
  }
  const { acks, ackTimeoutMs: timeoutMs } = settings
  return {
    id,
    partitions,
    units,
    left,
    message: { transactionalId: null, acks, timeoutMs, topics: [...topics.values()] }
  }
}

function addTo(
  topics: Map<string, { readonly name: string; readonly partitions: ProducePartition[] }>,
  { topic, partition }: ProducerPartition,
  records: Buffer
): void {
  const entry = topics.get(topic)
  if (entry === undefined) topics.set(topic, { name: topic, partitions: [{ partition, records }] })
  else entry.partitions.push({ partition, records })
}
