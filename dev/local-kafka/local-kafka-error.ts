/** What can go wrong before Kafka itself runs. The demo branches on the first two and names the alternatives. */
export type LocalKafkaErrorCode = 'JAVA_MISSING' | 'MAVEN_MISSING' | 'DOWNLOAD_FAILED' | 'START_FAILED' | 'TOOL_FAILED'

/** Raised by everything in dev/local-kafka. The message carries the tail of the log where there is one. */
export class LocalKafkaError extends Error {
  readonly code: LocalKafkaErrorCode

  constructor(code: LocalKafkaErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'LocalKafkaError'
    this.code = code
  }
}
