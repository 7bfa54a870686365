/** Logs of records that carry their number. */
import { silentLogger } from '../src/base/logger.ts'
import { LogReader } from '../src/client/log-reader.ts'
import { connectLocal } from '../dev/local-client.ts'
import { type KafkaAddress } from '../dev/local-kafka/topic-records.ts'
import { type LogEntry } from '../dev/translation-judge.ts'

const numberBytes = 12

/** All records of a topic of one partition, by the numbers at the start of their values. */
export async function readNumbers(address: KafkaAddress, topic: string): Promise<LogEntry<number>[]> {
  const cluster = connectLocal(address.bootstrapServers)
  cluster.follow(topic)
  try {
    const entries: LogEntry<number>[] = []
    const reader = new LogReader({
      ...{ cluster, topic, logger: silentLogger, isolation: 'read_uncommitted' },
      onRecord: ({ offset, value }) => {
        entries.push({ offset, identity: Number(value?.toString('latin1', 0, numberBytes)) })
      }
    })
    await reader.readToEnd(1)
    return entries
  } finally {
    await cluster.close()
  }
}
