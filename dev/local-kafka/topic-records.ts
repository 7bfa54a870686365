/**
 * Whole topics through Apache Kafka's own clients: the oracle for "every record arrived identical". Every codec, duplicate and null
 * headers, exact timestamps; a run costs the start of a JVM, about a second.
 */
import { runJavaProgram } from './java-programs.ts'
import { type KafkaJars } from './kafka-jars.ts'

export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

export interface TopicRecord {
  readonly partition: number
  readonly offset: bigint
  /** Milliseconds; -1 for none. */
  readonly timestamp: bigint
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | 'NoTimestampType'
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** In order, duplicates included. */
  readonly headers: readonly RecordHeader[]
}

export interface RecordToProduce {
  /** Default: the topic of the call. */
  readonly topic?: string
  /** Default: the producer's partitioner decides. */
  readonly partition?: number
  /** Milliseconds. Default: now. */
  readonly timestamp?: number
  readonly key?: Buffer | string | null
  readonly value?: Buffer | string | null
  readonly headers?: readonly { readonly key: string; readonly value: Buffer | string | null }[]
}

/** What is needed to reach a cluster; a LocalCluster is one. */
export interface KafkaAddress {
  readonly jars: KafkaJars
  readonly bootstrapServers: string
}

export interface ProduceOptions {
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** Producer settings, e.g. `batch.size`, `linger.ms`, security; win over the others. */
  readonly settings?: Readonly<Record<string, string>>
  /** Produce in one transaction and end it so; `leave` keeps it open. Give each producer its own transactional id. */
  readonly transaction?: { readonly id: string; readonly end: 'commit' | 'abort' | 'leave' }
}

/**
 * All records from the first offset to the end at the time of the call, in order per partition. `settings` are consumer
 * settings, e.g. `isolation.level`, security.
 */
export async function readTopic(
  cluster: KafkaAddress,
  topic: string,
  settings: Readonly<Record<string, string>> = {}
): Promise<TopicRecord[]> {
  return (await readTopics(cluster, [topic], settings)).get(topic) ?? []
}

/** The same of several topics, for the price of one; by topic, empty ones included. */
export async function readTopics(
  cluster: KafkaAddress,
  topics: readonly string[],
  settings: Readonly<Record<string, string>> = {}
): Promise<Map<string, TopicRecord[]>> {
  const args = [cluster.bootstrapServers, topics.join(','), ...assignments(settings)]
  const { stdout } = await runJavaProgram(cluster.jars, 'ReadTopic', args)
  const records = new Map<string, TopicRecord[]>(topics.map((topic) => [topic, []]))
  for (const line of lines(stdout)) {
    const end = line.indexOf(' ')
    records.get(line.slice(0, end))?.push(parseRecord(line.slice(end + 1)))
  }
  return records
}

/** Sends the records in order; resolves with partition and offset of each once all replicas have it. */
export async function produceRecords(
  cluster: KafkaAddress,
  topic: string,
  records: readonly RecordToProduce[],
  options: ProduceOptions = {}
): Promise<{ partition: number; offset: bigint }[]> {
  const { transaction } = options
  const settings: Record<string, string> = { 'compression.type': options.compression ?? 'none', ...options.settings }
  if (transaction !== undefined) settings['transactional.id'] = transaction.id
  const args = [cluster.bootstrapServers, topic, transaction?.end ?? 'none', ...assignments(settings)]
  const input = records.map((record) => `${recordLine(record)}\n`).join('')
  const { stdout } = await runJavaProgram(cluster.jars, 'ProduceRecords', args, { input })
  return lines(stdout).map((line) => {
    const [partition = '', offset = ''] = line.split(' ')
    return { partition: Number(partition), offset: BigInt(offset) }
  })
}

function parseRecord(line: string): TopicRecord {
  const [partition = '', offset = '', timestamp = '', type = '', key = '', value = '', ...headers] = line.split(' ')
  const parsed: RecordHeader[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    parsed.push({ key: bytes(headers[i] ?? '')?.toString('utf8') ?? '', value: bytes(headers[i + 1] ?? '') })
  }
  return {
    partition: Number(partition),
    offset: BigInt(offset),
    timestamp: BigInt(timestamp),
    timestampType: type === 'CreateTime' || type === 'LogAppendTime' ? type : 'NoTimestampType',
    key: bytes(key),
    value: bytes(value),
    headers: parsed
  }
}

function recordLine({ topic, partition, timestamp, key, value, headers = [] }: RecordToProduce): string {
  const fields = [topic ?? '-', partition ?? '-', timestamp ?? '-', base64(key), base64(value)]
  for (const header of headers) fields.push(base64(header.key), base64(header.value))
  return fields.join(' ')
}

function assignments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${value}`)
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

function bytes(field: string): Buffer | null {
  return field === '-' ? null : Buffer.from(field, 'base64')
}

function base64(value: Buffer | string | null | undefined): string {
  return value == null ? '-' : Buffer.from(value).toString('base64')
}
