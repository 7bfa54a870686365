/** Clients of real clusters with the program's own defaults, closed when the test file has ended. */
import { systemClock } from '../../src/base/clock.ts'
import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createRawProducer } from '../../src/client/batch-producer.ts'
import { type Cluster } from '../../src/client/cluster.ts'
import { type KafkaCluster, connectCluster } from '../../src/client/kafka-cluster.ts'
import { type RawProducer } from '../../src/client/raw-producer.ts'
import { type ClientSettings, type ProducerSettings } from '../../src/config/client-settings.ts'
import { openConnection } from '../../src/net/open-connection.ts'
import { fakeSettings } from './fake-brokers.ts'
import { cleanUpAfterFile } from './real-cluster.ts'

export function clientSettings(bootstrapServers: string, changes: Partial<ClientSettings> = {}): ClientSettings {
  const addresses = bootstrapServers.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':')
    return { host, port: Number(port) }
  })
  return { ...fakeSettings([]), bootstrapServers: addresses, ...changes }
}

/** Waits for all replicas, one request at a time. */
export function producerSettings(bootstrapServers: string): ProducerSettings {
  return {
    ...clientSettings(bootstrapServers),
    ...{ acks: -1, maxInFlightRequests: 1, maxRequestBytes: 1_048_576, ackTimeoutMs: 30_000, compressionType: null }
  }
}

export interface RealClients {
  cluster(bootstrapServers: string, logger?: Logger): KafkaCluster
  producer(cluster: Cluster, bootstrapServers: string): RawProducer
}

export function realClients(): RealClients {
  const register = cleanUpAfterFile()
  const tools = { clock: systemClock, random: systemRandom }
  return {
    cluster(bootstrapServers, logger = silentLogger) {
      const settings = clientSettings(bootstrapServers)
      const cluster = connectCluster({ alias: 'B', settings, openConnection, logger, ...tools })
      register(async () => {
        await cluster.close()
      })
      return cluster
    },
    producer(cluster, bootstrapServers) {
      const settings = producerSettings(bootstrapServers)
      const listener = { blocked: () => undefined, resumed: () => undefined }
      const producer = createRawProducer({ cluster, settings, logger: silentLogger, listener, label: 'test', ...tools })
      register(async () => {
        await producer.close()
      })
      return producer
    }
  }
}
