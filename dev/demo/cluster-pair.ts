/** The two clusters of the demo: started for it, or running already. */
import { randomBytes } from 'node:crypto'
import { LocalCluster } from '../local-kafka/local-cluster.ts'
import { kafkaJars, type KafkaJars, requireJava } from '../local-kafka/kafka-jars.ts'
import { type Addresses } from './arguments.ts'
import { type CleanUp } from './clean-up.ts'
import { unlessStopped } from './stopping.ts'

export interface ClusterPair {
  /** Bootstrap servers. */
  readonly source: string
  readonly target: string
  /** Whether they end with the demo, and need no cleaning. */
  readonly isOwn: boolean
  /** Put before the names of the demo's topics. */
  readonly topicPrefix: string
}

export interface OpenOptions {
  readonly addresses: Addresses | undefined
  readonly cleanUp: CleanUp
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** @throws LocalKafkaError JAVA_MISSING, MAVEN_MISSING, DOWNLOAD_FAILED, START_FAILED; Stopped */
export async function openClusters({ addresses, cleanUp, signal, print }: OpenOptions): Promise<ClusterPair> {
  if (addresses !== undefined) {
    return { ...addresses, isOwn: false, topicPrefix: `mirror-demo-${randomBytes(3).toString('hex')}.` }
  }
  const { version } = await unlessStopped(kafkaFiles(print), signal)
  print(`Starting two clusters of Apache Kafka ${version}`)
  const start = async (alias: string): Promise<string> => {
    const starting = LocalCluster.start()
    cleanUp.add(`stopped cluster ${alias} and removed its data`, async () => {
      const started = await starting.catch(() => undefined)
      await started?.destroy()
    })
    const { bootstrapServers } = await unlessStopped(starting, signal)
    print(`Cluster ${alias} runs at ${bootstrapServers}`)
    return bootstrapServers
  }
  const [source, target] = await Promise.all([start('A'), start('B')])
  return { source, target, isOwn: true, topicPrefix: '' }
}

/** Of KAFKA_HOME, of the cache, or downloaded. */
export async function kafkaFiles(print: (line: string) => void): Promise<KafkaJars> {
  await requireJava()
  const patience = setTimeout(() => {
    print('Downloading Apache Kafka from Maven Central (54 MB, once)')
  }, 1_500)
  try {
    return await kafkaJars()
  } finally {
    clearTimeout(patience)
  }
}
