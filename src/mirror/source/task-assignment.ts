import { MirrorError } from '../../base/errors.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type TaskConfig } from '../../connect/source-connector.ts'

const assignedPartitionsKey = 'task.assigned.partitions'
export const taskIndexKey = 'task.index'

/** Deals partitions out in their order to at most `maxTasks` tasks; no task is left empty. */
function dealRoundRobin<Item>(items: readonly Item[], maxTasks: number): Item[][] {
  const tasks: Item[][] = Array.from({ length: Math.min(maxTasks, items.length) }, () => [])
  for (const [index, item] of items.entries()) tasks[index % tasks.length]?.push(item)
  return tasks
}

/** Configs of the tasks as the reference stores them: the connector's own settings plus index and partitions. */
export function assignTasks(
  properties: Readonly<Record<string, string>>,
  partitions: readonly TopicPartition[],
  maxTasks: number
): TaskConfig[] {
  return dealRoundRobin(partitions, maxTasks).map((share, index) => ({
    ...properties,
    [assignedPartitionsKey]: share.map(({ topic, partition }) => topicPartitionKey(topic, partition)).join(','),
    [taskIndexKey]: String(index)
  }))
}

/**
 * The partitions of a task config.
 * @throws MirrorError MIRROR_CONFIG_INVALID when there are none or one is malformed: such a task can do nothing
 */
export function parseAssignedPartitions(config: TaskConfig): TopicPartition[] {
  const text = config[assignedPartitionsKey] ?? ''
  const elements = new Set(text.split(',').map((element) => element.trim()))
  return Array.from(elements, (element) => {
    // Topic names may contain dashes and partition numbers do not, so the last dash is the one between them.
    const dash = element.lastIndexOf('-')
    const partition = element.slice(dash + 1)
    if (dash > 0 && /^\d+$/.test(partition)) return { topic: element.slice(0, dash), partition: Number(partition) }
    throw new MirrorError(
      'MIRROR_CONFIG_INVALID',
      `${assignedPartitionsKey}=${text}: expected topic-partition elements joined by commas; ` +
        'the task config is written by the connector, so let the connector write it again'
    )
  })
}
