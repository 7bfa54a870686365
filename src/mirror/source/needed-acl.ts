import { MirrorError } from '../../base/errors.ts'
import { authorizationFailed, BrokerError, brokerErrors } from '../../wire/error-codes.ts'

/** Whether an operator has to grant something first. */
export function isUnauthorised(error: Error): boolean {
  return error instanceof BrokerError && authorizationFailed.has(error.brokerCode)
}

/** Whether the topic has been deleted meanwhile; the next discovery will tell. */
export function isTopicGone(error: Error): boolean {
  return error instanceof BrokerError && error.brokerCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
}

/** Whether the brokers do not speak the request. */
export function isUnsupported(error: Error): boolean {
  return (
    (error instanceof MirrorError && error.code === 'MIRROR_UNSUPPORTED_VERSION') ||
    (error instanceof BrokerError && error.brokerCode === brokerErrors.UNSUPPORTED_VERSION)
  )
}

/**
 * What to do about a refusal: `otherwise`, unless an ACL is missing.
 * @param acl such as `ALTER_CONFIGS on topic A.orders of B`
 */
export function adviceFor(error: Error, acl: string, otherwise: string): string {
  return isUnauthorised(error) ? `The principal needs ${acl}` : otherwise
}
