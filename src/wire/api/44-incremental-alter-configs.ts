import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * IncrementalAlterConfigs: changes single settings and leaves the others (KIP-339; brokers 2.3+). v1 is flexible.
 *
 *   Request  v0+ => [resource_type INT8, resource_name STRING, [name STRING, operation INT8, value NULLABLE_STRING]],
 *                   validate_only BOOL
 *   Response v0+ => throttle_time_ms INT32,
 *                   [error_code INT16, error_message NULLABLE_STRING, resource_type INT8, resource_name STRING]
 */
export interface IncrementalAlterConfigsRequest {
  readonly resources: readonly {
    /** As in `configResourceType` of DescribeConfigs. */
    readonly type: number
    readonly name: string
    readonly configs: readonly {
      readonly name: string
      readonly operation: number
      /** Null with `delete`. */
      readonly value: string | null
    }[]
  }[]
  /** Only check, change nothing. */
  readonly validateOnly: boolean
}

export const alterConfigOperation = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export interface AlteredConfigs {
  readonly throttleTimeMs: number
  readonly resources: readonly {
    readonly errorCode: number
    readonly errorMessage: string | null
    readonly type: number
    readonly name: string
  }[]
}

export const incrementalAlterConfigs: ApiMessage<IncrementalAlterConfigsRequest, AlteredConfigs> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  encodeRequest(writer, request) {
    writer.array(request.resources, ({ type, name, configs }) => {
      writer.int8(type).string(name)
      writer.array(configs, (config) => {
        writer.string(config.name).int8(config.operation).nullableString(config.value).noTags()
      })
      writer.noTags()
    })
    writer.bool(request.validateOnly).noTags()
  },
  decodeResponse: decodeAlteredConfigs
}

/** The answer of AlterConfigs too. */
export function decodeAlteredConfigs(reader: Reader): AlteredConfigs {
  const throttleTimeMs = reader.int32()
  const resources = reader.array(() => {
    const result = {
      errorCode: reader.int16(),
      errorMessage: reader.nullableString(),
      type: reader.int8(),
      name: reader.string()
    }
    reader.skipTags()
    return result
  })
  reader.skipTags()
  return { throttleTimeMs, resources }
}
