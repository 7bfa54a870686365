/** Consumer groups of the live demo: an application that reads at the source, and a tail at the target that measures latency. */
import { type Kafka } from 'kafkajs'
import { type CleanUp } from './clean-up.ts'
import { type LatencyWindow } from './latency-window.ts'

interface Reader {
  readonly kafka: Kafka
  readonly groupId: string
  readonly topics: readonly string[]
  readonly eachRecord: (topic: string, timestamp: number) => void
}

/** Resolves once the group reads. */
async function startReader({ kafka, groupId, topics, eachRecord }: Reader, cleanUp: CleanUp): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false })
  await consumer.connect()
  cleanUp.add(undefined, async () => {
    await consumer.disconnect()
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteGroups([groupId]).finally(async () => {
      await admin.disconnect()
    })
  })
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      resolve()
    })
  })
  await consumer.run({
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }) => {
      for (const { timestamp } of batch.messages) eachRecord(batch.topic, Number(timestamp))
      await Promise.resolve()
    }
  })
  await joined
}

/** A group that the mirror must leave alone. @returns how many records it has read */
export async function startApplication(kafka: Kafka, topic: string, cleanUp: CleanUp): Promise<() => number> {
  let read = 0
  await startReader({ kafka, groupId: `${topic}-readers`, topics: [topic], eachRecord: () => read++ }, cleanUp)
  return () => read
}

/** Adds to the window of a topic how long after its timestamp each record was seen. */
export async function startTail(
  kafka: Kafka,
  windows: ReadonlyMap<string, LatencyWindow>,
  cleanUp: CleanUp
): Promise<void> {
  const eachRecord = (topic: string, timestamp: number): void => {
    const now = Date.now()
    windows.get(topic)?.add(now - timestamp, now)
  }
  await startReader(
    { kafka, groupId: `mirror-demo-tail-${process.pid}`, topics: [...windows.keys()], eachRecord },
    cleanUp
  )
}
