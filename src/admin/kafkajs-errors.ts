import kafkajs, { type KafkaJSProtocolError } from 'kafkajs'
import { MirrorError, asError } from '../base/errors.ts'
import { brokerError } from '../wire/error-codes.ts'

/** The error code with which the broker answered, however kafkajs wrapped it; null when there was no answer. */
export function brokerAnswerOf(thrown: unknown): KafkaJSProtocolError | null {
  if (thrown instanceof kafkajs.KafkaJSProtocolError) return thrown
  if (thrown instanceof kafkajs.KafkaJSAggregateError) {
    return thrown.errors.map(brokerAnswerOf).find((answer) => answer !== null) ?? null
  }
  return thrown instanceof Error ? brokerAnswerOf(thrown.cause) : null
}

/**
 * What the broker answered topic by topic to a call for several: topics that are not named were done. Null when this is no
 * such answer.
 */
export function topicRefusalsOf(thrown: unknown): ReadonlyMap<string, Error> | null {
  if (!(thrown instanceof kafkajs.KafkaJSAggregateError)) return null
  const refusals = new Map<string, Error>()
  for (const error of thrown.errors) {
    if (!(error instanceof Error) || !('topic' in error) || typeof error.topic !== 'string') return null
    refusals.set(error.topic, error)
  }
  return refusals
}

/** What kafkajs threw, as an error of this program. `action` says what was to be done, and where. Errors of ours stay. */
export function mirrorErrorOf(thrown: unknown, action: string): MirrorError {
  if (thrown instanceof MirrorError) return thrown
  const error = asError(thrown)
  const answer = brokerAnswerOf(thrown)
  if (answer !== null) return brokerError(answer.code, action, answer.message)
  const isRefused = [error, error.cause].some((one) => one instanceof kafkajs.KafkaJSSASLAuthenticationError)
  const code = isRefused ? 'MIRROR_AUTHENTICATION' : 'MIRROR_NETWORK'
  return new MirrorError(code, `${action}: ${error.message}`, { retriable: !isRefused, cause: error })
}
