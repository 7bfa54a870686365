import {
  aclOperation,
  aclPatternType,
  aclPermission,
  aclResourceType,
  describeAcls
} from '../wire/api/29-describe-acls.ts'
import { createAcls } from '../wire/api/30-create-acls.ts'
import { type BrokerError, brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'

/** Who may, or may not, do what with a topic. Numbers as on the wire. */
export interface TopicAcl {
  readonly topic: string
  /** As Kafka writes it: `User:alice`. */
  readonly principal: string
  /** `*` for any. */
  readonly host: string
  /** One of `aclOperation`, or what newer brokers know. */
  readonly operation: number
  /** One of `aclPermission`. */
  readonly permission: number
}

/** Requests larger than this make a controller log one large batch of metadata records, which it may refuse. */
const aclsPerRequest = 1000

/**
 * All entries about topics by their literal names, the name `*` (any topic) included; those about prefixes are left out.
 * Throws BrokerError: SECURITY_DISABLED where there is no authorizer.
 */
export async function describeTopicAcls(cluster: Cluster): Promise<TopicAcl[]> {
  const request = {
    resourceType: aclResourceType.topic,
    resourceName: null,
    patternType: aclPatternType.literal,
    principal: null,
    host: null,
    operation: aclOperation.any,
    permissionType: aclPermission.any
  }
  const { errorCode, errorMessage, resources } = await cluster.request({ any: true }, describeAcls, request)
  if (errorCode !== brokerErrors.NONE) {
    throw brokerError(errorCode, `${cluster.alias}: DescribeAcls of topics`, errorMessage)
  }
  return resources.flatMap(({ name: topic, acls }) =>
    acls.map(({ principal, host, operation, permissionType }) => ({
      ...{ topic, principal, host, operation },
      permission: permissionType
    }))
  )
}

/** Adds entries for literal topic names; per entry, in order, null or why it was refused. Throws where no answer comes. */
export async function createTopicAcls(
  cluster: Cluster,
  acls: readonly TopicAcl[]
): Promise<readonly (BrokerError | null)[]> {
  const outcomes: (BrokerError | null)[] = []
  for (let from = 0; from < acls.length; from += aclsPerRequest) {
    const share = acls.slice(from, from + aclsPerRequest)
    const creations = share.map(({ topic, principal, host, operation, permission }) => ({
      resourceType: aclResourceType.topic,
      resourceName: topic,
      patternType: aclPatternType.literal,
      ...{ principal, host, operation },
      permissionType: permission
    }))
    const { results } = await cluster.request({ controller: true }, createAcls, { creations })
    for (const [index, { topic }] of share.entries()) {
      const { errorCode, errorMessage } = results[index] ?? {
        errorCode: brokerErrors.UNKNOWN_SERVER_ERROR,
        errorMessage: null
      }
      const context = `${cluster.alias}: CreateAcls of topic ${topic}`
      outcomes.push(errorCode === brokerErrors.NONE ? null : brokerError(errorCode, context, errorMessage))
    }
  }
  return outcomes
}
