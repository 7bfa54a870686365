/** Whole topics in a form that vitest compares and prints well. */
import { readTopic, readTopics, type KafkaAddress, type TopicRecord } from '../../dev/local-kafka/topic-records.ts'

/** What mirroring must not change; null and empty stay apart. */
export interface ComparableRecord {
  readonly timestamp: bigint
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

/** The records of a topic by partition, in offset order, without their offsets (gaps differ between clusters). */
export async function readAll(
  cluster: KafkaAddress,
  topic: string,
  settings: Readonly<Record<string, string>> = {}
): Promise<Map<number, ComparableRecord[]>> {
  return byPartition(await readTopic(cluster, topic, settings))
}

/** The same of several topics, by topic. */
export async function readAllTopics(
  cluster: KafkaAddress,
  topics: readonly string[],
  settings: Readonly<Record<string, string>> = {}
): Promise<Map<string, Map<number, ComparableRecord[]>>> {
  const read = await readTopics(cluster, topics, settings)
  return new Map(Array.from(read, ([topic, records]) => [topic, byPartition(records)]))
}

function byPartition(records: readonly TopicRecord[]): Map<number, ComparableRecord[]> {
  const partitions = new Map<number, ComparableRecord[]>()
  const sorted = records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
  for (const record of sorted) {
    const list = partitions.get(record.partition) ?? []
    list.push(comparable(record))
    partitions.set(record.partition, list)
  }
  return partitions
}

function comparable({ timestamp, key, value, headers }: TopicRecord): ComparableRecord {
  return {
    timestamp,
    key: text(key),
    value: text(value),
    headers: headers.map((header) => [header.key, text(header.value)] as const)
  }
}

/** One character a byte, so that different bytes never become the same text. */
function text(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('latin1')
}
