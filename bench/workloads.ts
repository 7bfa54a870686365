/** What is mirrored: the data of each workload, and how much better than Apache MirrorMaker 2 this program is to be on it. */

export interface Workload {
  readonly name: string
  readonly meaning: string
  readonly topics: readonly string[]
  readonly partitionsPerTopic: number
  readonly records: number
  readonly valueBytes: number
  readonly content: 'letters' | 'json' | 'numbered'
  /** Of the producer that loads the data; they set the shape of its batches. */
  readonly producer: Readonly<Record<string, string>>
  /** How often the target is looked at while it fills. */
  readonly pollMs: number
  /** Measure (a key of `RunFigures`) and the factor to reach. */
  readonly goals: Readonly<Record<string, number>>
}

// Long enough that batches always fill up: their shape must not depend on how fast the machine was.
const full = { 'linger.ms': '1000' }

const tables: readonly Workload[] = [
  {
    name: 'W1',
    meaning: '1 KB, uncompressed, batches of 64 KB',
    topics: ['w1'],
    partitionsPerTopic: 6,
    records: 1_500_000,
    valueBytes: 1_000,
    content: 'letters',
    producer: { ...full, 'batch.size': '65536' },
    pollMs: 20,
    goals: { recordsPerSecond: 5, cpuPerMillion: 15 }
  },
  {
    name: 'W2',
    meaning: '100 B, lz4, batches of 64 KB',
    topics: ['w2'],
    partitionsPerTopic: 6,
    records: 8_000_000,
    valueBytes: 100,
    content: 'letters',
    producer: { ...full, 'batch.size': '65536', 'compression.type': 'lz4' },
    pollMs: 20,
    goals: { recordsPerSecond: 6, cpuPerMillion: 25 }
  },
  {
    name: 'W3',
    meaning: '100 B, uncompressed, batches of 3 records, 400 B',
    topics: ['w3'],
    partitionsPerTopic: 6,
    records: 1_000_000,
    valueBytes: 100,
    content: 'letters',
    producer: { ...full, 'batch.size': '400' },
    pollMs: 20,
    goals: { recordsPerSecond: 5, cpuPerMillion: 8 }
  },
  {
    name: 'W4',
    meaning: 'JSON of 1 KB, gzip, batches of 64 KB',
    topics: ['w4'],
    partitionsPerTopic: 6,
    records: 1_000_000,
    valueBytes: 1_000,
    content: 'json',
    producer: { ...full, 'batch.size': '65536', 'compression.type': 'gzip' },
    pollMs: 20,
    goals: { recordsPerSecond: 1 }
  },
  {
    name: 'W5',
    meaning: '200 topics of 5 partitions, 100 B, uncompressed, batches of 16 KB',
    topics: Array.from({ length: 200 }, (_, index) => `w5-${index}`),
    partitionsPerTopic: 5,
    records: 2_000_000,
    valueBytes: 100,
    content: 'letters',
    producer: { ...full, 'batch.size': '16384' },
    pollMs: 50,
    goals: { recordsPerSecond: 1 }
  }
]

/** What latency, idle and startup are measured on: a little data that is there when the mirror starts. */
export const smallTopic: Workload = {
  name: 'small',
  meaning: '6 partitions that hold 600 records',
  topics: ['small'],
  partitionsPerTopic: 6,
  records: 600,
  valueBytes: 1_000,
  content: 'letters',
  producer: full,
  pollMs: 10,
  goals: { firstRecordSeconds: 1 }
}

/** Records that are known by their numbers, in one partition: what consumer groups lag behind in. */
export function numberedRecords(share: number): Workload {
  return {
    name: 'FAILOVER',
    meaning: 'records of 100 B that carry their number, in one partition',
    topics: ['failover'],
    partitionsPerTopic: 1,
    records: Math.round(2_000_000 * share),
    valueBytes: 100,
    content: 'numbered',
    producer: { ...full, 'batch.size': '16384' },
    pollMs: 10,
    goals: {}
  }
}

/** A record in each of many partitions. Not part of the throughput: what is measured is what partitions cost. */
export function manyPartitions(share: number): Workload {
  const topics = Math.max(2, Math.round(200 * share))
  const partitionsPerTopic = 50
  const records = topics * partitionsPerTopic
  return {
    name: 'SCALE',
    meaning: `${topics} topics of ${partitionsPerTopic} partitions, tasks.max = ${scaleTasks}`,
    topics: Array.from({ length: topics }, (_, index) => `scale-${index}`),
    partitionsPerTopic,
    records,
    valueBytes: 100,
    content: 'letters',
    producer: { ...full, 'batch.size': '1024' },
    pollMs: 100,
    goals: {}
  }
}

export const scaleTasks = 20

/** Partitions with a record each to begin with, which are then kept busy. */
export function busyPartitions(topics: number, partitionsPerTopic: number): Workload {
  return {
    name: 'MAPCOST',
    meaning: `${(topics * partitionsPerTopic).toLocaleString('en-US')} busy partitions`,
    topics: Array.from({ length: topics }, (_, index) => `busy-${topics * partitionsPerTopic}-${index}`),
    partitionsPerTopic,
    records: topics * partitionsPerTopic,
    valueBytes: 100,
    content: 'letters',
    producer: { ...full, 'batch.size': '1024' },
    pollMs: 100,
    goals: {}
  }
}

/** `share` shrinks the data, for a quick look. */
export function workloads(share: number): Workload[] {
  return tables.map((one) => {
    const slots = one.topics.length * one.partitionsPerTopic
    return { ...one, records: Math.ceil((one.records * share) / slots) * slots }
  })
}
