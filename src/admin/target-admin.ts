import { MirrorError } from '../base/errors.ts'
import { createTopicAcls } from '../client/acls.ts'
import { type Cluster } from '../client/cluster.ts'
import { alterTopicConfigs, replaceTopicConfigs, type TopicConfigResult } from '../client/topic-configs.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type ForwardingAdmin, type TargetAdmin, type TopicRefusal } from './forwarding-admin.ts'

/**
 * The default TargetAdmin: kafkajs creates topics and partitions; settings and access control go by our own client, since
 * kafkajs cannot change single settings and fails a whole call for one refusal. Owns both: `close` closes them.
 */
export function createTargetAdmin(topics: ForwardingAdmin, cluster: Cluster): TargetAdmin {
  const refusals = (results: readonly TopicConfigResult[], api: string): readonly TopicRefusal[] => {
    const refused = results.filter(({ errorCode }) => errorCode !== brokerErrors.NONE)
    return refused.map(({ topic, errorCode, errorMessage }) => {
      const context = `${cluster.alias}: ${api} of topic ${topic}`
      if (errorCode === brokerErrors.UNSUPPORTED_VERSION) throw new MirrorError('MIRROR_UNSUPPORTED_VERSION', context)
      return { topic, error: brokerError(errorCode, context, errorMessage) }
    })
  }
  return {
    createTopic: (topic) => topics.createTopic(topic),
    createPartitions: (topic, totalCount) => topics.createPartitions(topic, totalCount),
    alterTopicConfigs: async (changes) =>
      refusals(await alterTopicConfigs(cluster, changes), 'IncrementalAlterConfigs'),
    replaceTopicConfigs: async (wanted) => refusals(await replaceTopicConfigs(cluster, wanted), 'AlterConfigs'),
    createAcls: async (acls) => {
      const outcomes = await createTopicAcls(cluster, acls)
      return acls.flatMap(({ topic }, index) => {
        const error = outcomes[index] ?? null
        return error === null ? [] : [{ topic, error }]
      })
    },
    close: async () => {
      await Promise.all([topics.close(), cluster.close()])
    }
  }
}
