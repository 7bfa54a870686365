import { type ApiMessage } from '../api-message.ts'
import { type AlteredConfigs, decodeAlteredConfigs } from './44-incremental-alter-configs.ts'

/**
 * AlterConfigs: replaces all settings of a resource; what is not named falls back to its default. For brokers without
 * IncrementalAlterConfigs (before 2.3). v2 is flexible.
 *
 *   Request  v0+ => [resource_type INT8, resource_name STRING, [name STRING, value NULLABLE_STRING]], validate_only BOOL
 *   Response v0+ => as IncrementalAlterConfigs
 */
export interface AlterConfigsRequest {
  readonly resources: readonly {
    /** As in `configResourceType` of DescribeConfigs. */
    readonly type: number
    readonly name: string
    readonly configs: readonly { readonly name: string; readonly value: string | null }[]
  }[]
  /** Only check, change nothing. */
  readonly validateOnly: boolean
}

export const alterConfigs: ApiMessage<AlterConfigsRequest, AlteredConfigs> = {
  key: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  encodeRequest(writer, request) {
    writer.array(request.resources, ({ type, name, configs }) => {
      writer.int8(type).string(name)
      writer.array(configs, (config) => {
        writer.string(config.name).nullableString(config.value).noTags()
      })
      writer.noTags()
    })
    writer.bool(request.validateOnly).noTags()
  },
  decodeResponse: decodeAlteredConfigs
}
