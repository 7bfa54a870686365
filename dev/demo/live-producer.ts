/** Steady load on the demo's topics through kafkajs. */
import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Kafka, type Message, type Producer } from 'kafkajs'
import { type RecordToProduce } from '../local-kafka/topic-records.ts'
import { type DemoTopic } from './workload.ts'

const { CompressionTypes, Partitioners } = kafkajs
const codecs = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, lz4: CompressionTypes.LZ4 }
const tickMs = 100

/** Produces until the signal; resolves then. One failed send ends it. */
export async function produceUntil(signal: AbortSignal, kafka: Kafka, topics: readonly DemoTopic[]): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  await producer.connect()
  const startedAt = Date.now()
  const produced = new Map<string, number>()
  try {
    while (!signal.aborted) {
      const elapsedSeconds = (Date.now() - startedAt) / 1000
      await Promise.all(topics.map((topic) => sendDue(producer, topic, produced, elapsedSeconds)))
      await delay(tickMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await producer.disconnect()
  }
}

async function sendDue(
  producer: Producer,
  topic: DemoTopic,
  produced: Map<string, number>,
  elapsedSeconds: number
): Promise<void> {
  const from = produced.get(topic.name) ?? 0
  // After a pause (a laptop that slept), not all that was missed at once.
  const to = Math.min(Math.floor(elapsedSeconds * topic.recordsPerSecond), from + topic.recordsPerSecond)
  produced.set(topic.name, to)
  if (to === from) return
  const now = Date.now()
  const messages = Array.from({ length: to - from }, (_, index) => kafkajsMessage(topic.record(from + index, now)))
  await producer.send({ topic: topic.name, acks: -1, compression: codecs[topic.compression], messages })
}

/** kafkajs takes headers as an object, and no null among them. */
function kafkajsMessage({ partition, timestamp, key, value, headers = [] }: RecordToProduce): Message {
  const grouped: Record<string, (Buffer | string)[]> = {}
  for (const header of headers) if (header.value !== null) (grouped[header.key] ??= []).push(header.value)
  return {
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
    key: key ?? null,
    value: value ?? null,
    headers: grouped
  }
}
