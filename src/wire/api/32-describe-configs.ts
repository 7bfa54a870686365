import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * DescribeConfigs: settings of topics or brokers, with where each value comes from. v4 is flexible.
 *
 *   Request  v0  => [resource_type INT8, resource_name STRING, [key STRING] or null for all]
 *            v1  => ... include_synonyms BOOL
 *            v3+ => ... include_documentation BOOL (false)
 *   Response v1  => throttle_time_ms INT32, [error_code INT16, error_message NULLABLE_STRING, resource_type INT8,
 *                   resource_name STRING, [name STRING, value NULLABLE_STRING, read_only BOOL, source INT8,
 *                   is_sensitive BOOL, synonyms [name STRING, value NULLABLE_STRING, source INT8]]]
 *            v3+ => config: ... type INT8, documentation NULLABLE_STRING
 *            v0  => as v1, with is_default BOOL instead of source, and without synonyms
 *
 * v0 (brokers before 1.1) calls everything a default that was not set on the resource itself.
 */
export interface DescribeConfigsRequest {
  readonly resources: readonly {
    readonly type: number
    /** A topic, or a broker's node id. */
    readonly name: string
    readonly keys: readonly string[] | null
  }[]
  readonly includeSynonyms: boolean
}

export const configResourceType = { topic: 2, broker: 4 } as const

/** Where a value comes from. */
export const configSource = {
  unknown: 0,
  topic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5
} as const

export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number
  readonly resources: readonly DescribedResource[]
}

export interface DescribedResource {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly type: number
  readonly name: string
  readonly configs: readonly DescribedConfig[]
}

export interface DescribedConfig {
  readonly name: string
  /** Null for sensitive ones. */
  readonly value: string | null
  readonly readOnly: boolean
  /** One of `configSource`. From v0: `default`, or for what is set `topic` or `staticBroker`, by the resource's type. */
  readonly source: number
  readonly sensitive: boolean
  /** The values that would apply one after the other; empty unless asked for. */
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: number }[]
}

export const describeConfigs: ApiMessage<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  encodeRequest(writer, request, version) {
    writer.array(request.resources, ({ type, name, keys }) => {
      writer.int8(type).string(name)
      writer.nullableArray(keys, (key) => writer.string(key)).noTags()
    })
    if (version >= 1) writer.bool(request.includeSynonyms)
    if (version >= 3) writer.bool(false)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const resources = reader.array(() => {
      const status = { errorCode: reader.int16(), errorMessage: reader.nullableString() }
      const type = reader.int8()
      const name = reader.string()
      const configs = reader.array(() => readConfig(reader, version, type))
      reader.skipTags()
      return { ...status, type, name, configs }
    })
    reader.skipTags()
    return { throttleTimeMs, resources }
  }
}

function readConfig(reader: Reader, version: number, type: number): DescribedConfig {
  const config = {
    name: reader.string(),
    value: reader.nullableString(),
    readOnly: reader.bool(),
    source: version >= 1 ? reader.int8() : sourceOf(reader.bool(), type),
    sensitive: reader.bool(),
    synonyms: version >= 1 ? reader.array(() => readSynonym(reader)) : []
  }
  if (version >= 3) {
    reader.int8()
    reader.nullableString()
  }
  reader.skipTags()
  return config
}

function readSynonym(reader: Reader): DescribedConfig['synonyms'][number] {
  const synonym = { name: reader.string(), value: reader.nullableString(), source: reader.int8() }
  reader.skipTags()
  return synonym
}

function sourceOf(isDefault: boolean, type: number): number {
  if (isDefault) return configSource.default
  return type === configResourceType.topic ? configSource.topic : configSource.staticBroker
}
