/** Records, whole or broken, by a producer that nobody here wrote and that starts no JVM. */
import kafkajs, { type Message } from 'kafkajs'
import { cleanUpAfterFile } from './real-cluster.ts'

const { Kafka, logLevel } = kafkajs

/** Acknowledged by all replicas when it resolves. */
export type Produce = (topic: string, messages: Message[]) => Promise<void>

/** Producers that are closed when the file has ended. */
export function plainProducers(): (cluster: { readonly bootstrapServers: string }) => Promise<Produce> {
  const register = cleanUpAfterFile()
  return async ({ bootstrapServers }) => {
    const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
    // Otherwise it sends everything again where one partition of several was refused.
    const producer = kafka.producer({ idempotent: true })
    await producer.connect()
    register(() => producer.disconnect())
    return async (topic, messages) => {
      await producer.send({ topic, messages, acks: -1 })
    }
  }
}
