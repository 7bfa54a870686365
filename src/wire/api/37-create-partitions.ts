import { type ApiMessage } from '../api-message.ts'

/**
 * CreatePartitions: raises partition counts; replicas are placed by the broker. From v2 on flexible.
 *
 *   Request  v0+ => [name STRING, count INT32, assignments (null)], timeout_ms INT32, validate_only BOOL
 *   Response v0+ => throttle_time_ms INT32, [name STRING, error_code INT16, error_message NULLABLE_STRING]
 */
export interface CreatePartitionsRequest {
  /** `count` is the new total, not the increase. */
  readonly topics: readonly { readonly name: string; readonly count: number }[]
  readonly timeoutMs: number
  readonly validateOnly: boolean
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly {
    readonly name: string
    readonly errorCode: number
    readonly errorMessage: string | null
  }[]
}

export const createPartitions: ApiMessage<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 2,
  encodeRequest(writer, request) {
    writer.array(request.topics, ({ name, count }) => writer.string(name).int32(count).arrayLength(-1).noTags())
    writer.int32(request.timeoutMs).bool(request.validateOnly).noTags()
  },
  decodeResponse(reader) {
    const throttleTimeMs = reader.int32()
    const topics = reader.array(() => {
      const result = { name: reader.string(), errorCode: reader.int16(), errorMessage: reader.nullableString() }
      reader.skipTags()
      return result
    })
    reader.skipTags()
    return { throttleTimeMs, topics }
  }
}
