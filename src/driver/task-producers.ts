import { createRawProducer } from '../client/batch-producer.ts'
import { connectCluster } from '../client/kafka-cluster.ts'
import { type RawProducer } from '../client/raw-producer.ts'
import { topicPartitionKey } from '../client/topic-partition.ts'
import { ConfigError } from '../config/config-error.ts'
import { Findings } from '../config/findings.ts'
import { traced } from '../config/traced-properties.ts'
import { taskIdText } from '../connect/connector-task-id.ts'
import { type TaskProducer, type TaskProducerRequest } from '../connect/worker/connect-worker-options.ts'
import { type MirrorMetrics } from '../mirror/metrics/mirror-metrics.ts'
import { type StoreServices } from './route-stores.ts'
import { taskProducerSettings } from './worker-clients.ts'

export interface TaskProducerServices extends StoreServices {
  readonly mirrorMetrics: MirrorMetrics
}

/** Makes the producers of a route's tasks, and knows which target partitions they cannot write. */
export class TaskProducers {
  readonly #target: string
  readonly #services: TaskProducerServices
  /** By producer: what one had blocked is no longer known to be so once another takes its place. */
  readonly #blocked = new Map<RawProducer, Set<string>>()

  constructor(target: string, services: TaskProducerServices) {
    this.#target = target
    this.#services = services
  }

  /** Target partitions that take no records until an operator acts: `topic-partition`. */
  get blockedPartitions(): readonly string[] {
    return [...this.#blocked.values()].flatMap((names) => [...names])
  }

  /** @throws ConfigError for properties that make no producer */
  create({ id, properties, isLeaseHeld }: TaskProducerRequest): TaskProducer {
    const findings = new Findings()
    const settings = taskProducerSettings(this.#target, traced(properties), findings)
    if (settings === null) throw new ConfigError(findings.problems)
    const cluster = connectCluster({ alias: this.#target, settings, ...this.#services })
    const blocked = new Set<string>()
    const stopped = this.#services.mirrorMetrics.stoppedPartitions('target')
    const producer = createRawProducer({
      cluster,
      settings,
      label: taskIdText(id),
      mayWrite: isLeaseHeld,
      listener: {
        blocked: (partition) => {
          blocked.add(topicPartitionKey(partition.topic, partition.partition))
          stopped.stopped(partition)
        },
        resumed: (partition) => {
          blocked.delete(topicPartitionKey(partition.topic, partition.partition))
          stopped.resumed(partition)
        }
      },
      ...this.#services
    })
    this.#blocked.set(producer, blocked)
    return {
      producer,
      close: async () => {
        this.#blocked.delete(producer)
        stopped.close()
        await cluster.close()
      }
    }
  }
}
