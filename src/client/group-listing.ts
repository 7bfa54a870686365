import { asError } from '../base/errors.ts'
import { listGroups } from '../wire/api/16-list-groups.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'

export interface GroupListing {
  /** Sorted. */
  readonly groupIds: readonly string[]
  /** Of the brokers that could not be asked: their groups are missing. */
  readonly failures: readonly Error[]
}

/** Groups that consumers form. Share and Streams groups have no offsets that could be taken elsewhere. */
const consumerTypes = ['Classic', 'Consumer']

/** A broker that is away keeps nobody waiting for long: its groups move to others. */
const brokerDeadlineMs = 15_000

/**
 * Ids of all groups of consumers, classic or of the newer protocol (KIP-848), in any state: those whose protocol is
 * `consumer`, or that have none because offsets were only ever committed from outside. Brokers list what they coordinate,
 * so each is asked; one that fails takes only its own groups away. Throws when no broker is known.
 */
export async function listConsumerGroups(
  cluster: Pick<Cluster, 'alias' | 'brokers' | 'request' | 'describeTopics'>
): Promise<GroupListing> {
  // Brokers come and go: those of the newest metadata are asked.
  await cluster.describeTopics([])
  const groupIds = new Set<string>()
  const failures: Error[] = []
  const ask = async (nodeId: number): Promise<void> => {
    try {
      const request = { states: [], types: consumerTypes }
      const options = { deadlineMs: brokerDeadlineMs }
      const { errorCode, groups } = await cluster.request({ node: nodeId }, listGroups, request, options)
      if (errorCode !== brokerErrors.NONE) {
        throw brokerError(errorCode, `${cluster.alias}: groups of broker ${String(nodeId)}`)
      }
      for (const { groupId, protocolType, type } of groups) {
        if (isOfConsumers(protocolType, type)) groupIds.add(groupId)
      }
    } catch (thrown) {
      failures.push(asError(thrown))
    }
  }
  await Promise.all(cluster.brokers.map(({ nodeId }) => ask(nodeId)))
  return { groupIds: [...groupIds].sort(), failures }
}

/** Brokers before 3.8 (ListGroups v5) neither tell the type nor know any that is not to be had. */
function isOfConsumers(protocolType: string, type: string): boolean {
  const isType = type === '' || consumerTypes.some((name) => name.toLowerCase() === type.toLowerCase())
  return isType && (protocolType === 'consumer' || protocolType === '')
}
