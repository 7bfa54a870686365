/** Whether a mirrored topic holds the records of its source, one by one. */
import { type TopicRecord } from '../local-kafka/topic-records.ts'

export interface Comparison {
  readonly records: number
  readonly bytes: number
  readonly headers: number
  readonly tombstones: number
  /** Empty when all is identical; else the first few differences, one line each. */
  readonly differences: readonly string[]
}

const longestReport = 5

/**
 * Compares partition by partition, in offset order: key, value, headers with their order, timestamp and its type.
 * Offsets themselves may differ between clusters. Fewer records at the source than `produced` are a difference too.
 */
export function compareTopics(
  source: readonly TopicRecord[],
  target: readonly TopicRecord[],
  produced: number
): Comparison {
  const differences: string[] = []
  if (source.length !== produced) differences.push(`${produced} records were produced, the source has ${source.length}`)
  const [expected, actual] = [byPartition(source), byPartition(target)]
  for (const partition of new Set([...expected.keys(), ...actual.keys()])) {
    differences.push(...comparePartition(partition, expected.get(partition) ?? [], actual.get(partition) ?? []))
  }
  return {
    records: target.length,
    bytes: target.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0),
    headers: target.reduce((sum, { headers }) => sum + headers.length, 0),
    tombstones: target.filter(({ key, value }) => key !== null && value === null).length,
    differences: differences.slice(0, longestReport)
  }
}

function comparePartition(
  partition: number,
  expected: readonly TopicRecord[],
  actual: readonly TopicRecord[]
): string[] {
  const differences: string[] = []
  if (expected.length !== actual.length) {
    differences.push(`partition ${partition}: ${expected.length} records at the source, ${actual.length} at the target`)
  }
  for (const [index, record] of expected.entries()) {
    const mirrored = actual[index]
    const field = mirrored === undefined ? undefined : differingField(record, mirrored)
    if (field !== undefined) {
      // Those behind it differ as well when one is missing, which would tell nothing.
      differences.push(`partition ${partition}, record ${index} (source offset ${record.offset}): ${field} differs`)
      break
    }
  }
  return differences
}

function differingField(a: TopicRecord, b: TopicRecord): string | undefined {
  if (!isSame(a.key, b.key)) return 'key'
  if (!isSame(a.value, b.value)) return 'value'
  if (a.timestamp !== b.timestamp || a.timestampType !== b.timestampType) return 'timestamp'
  const isSameHeaders =
    a.headers.length === b.headers.length &&
    a.headers.every(({ key, value }, index) => {
      const other = b.headers[index]
      return other !== undefined && key === other.key && isSame(value, other.value)
    })
  return isSameHeaders ? undefined : 'headers'
}

/** Null and empty are not the same. */
function isSame(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b)
}

function byPartition(records: readonly TopicRecord[]): Map<number, TopicRecord[]> {
  const partitions = new Map<number, TopicRecord[]>()
  for (const record of records) {
    const list = partitions.get(record.partition)
    if (list === undefined) partitions.set(record.partition, [record])
    else list.push(record)
  }
  for (const list of partitions.values()) list.sort((a, b) => Number(a.offset - b.offset))
  return partitions
}
