import { type KafkaAddress } from '../dev/local-kafka/topic-records.ts'
import { runJavaProgram } from '../dev/local-kafka/java-programs.ts'
import { type Workload } from './workloads.ts'

/** Creates the topics of a workload and fills them, through Kafka's own producer. */
export async function loadData(cluster: KafkaAddress, workload: Workload): Promise<void> {
  const { topics, partitionsPerTopic, records, valueBytes, content, producer } = workload
  const shape = [topics.join(','), partitionsPerTopic, records, valueBytes, content].map(String)
  const settings = Object.entries(producer).map(([key, value]) => `${key}=${value}`)
  await runJavaProgram(cluster.jars, 'LoadTopics', [cluster.bootstrapServers, ...shape, ...settings], {
    heapMb: 768,
    timeoutMs: 600_000
  })
}
