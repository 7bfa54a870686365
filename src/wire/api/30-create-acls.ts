import { type ApiMessage } from '../api-message.ts'

/**
 * CreateAcls: adds access control entries; one that is there already is no error. v2 is flexible; v3 knows more resource types.
 *
 *   Request  v1+ => [resource_type INT8, resource_name STRING, pattern_type INT8, principal STRING, host STRING,
 *                    operation INT8, permission_type INT8]
 *   Response v1+ => throttle_time_ms INT32, [error_code INT16, error_message NULLABLE_STRING]
 */
export interface CreateAclsRequest {
  /** Numbers as in DescribeAcls. */
  readonly creations: readonly {
    readonly resourceType: number
    readonly resourceName: string
    readonly patternType: number
    readonly principal: string
    readonly host: string
    readonly operation: number
    readonly permissionType: number
  }[]
}

export interface CreateAclsResponse {
  readonly throttleTimeMs: number
  /** In the order of the creations. */
  readonly results: readonly { readonly errorCode: number; readonly errorMessage: string | null }[]
}

export const createAcls: ApiMessage<CreateAclsRequest, CreateAclsResponse> = {
  key: 30,
  name: 'CreateAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  encodeRequest(writer, request) {
    writer.array(request.creations, (acl) => {
      writer.int8(acl.resourceType).string(acl.resourceName).int8(acl.patternType)
      writer.string(acl.principal).string(acl.host).int8(acl.operation).int8(acl.permissionType).noTags()
    })
    writer.noTags()
  },
  decodeResponse(reader) {
    const throttleTimeMs = reader.int32()
    const results = reader.array(() => {
      const result = { errorCode: reader.int16(), errorMessage: reader.nullableString() }
      reader.skipTags()
      return result
    })
    reader.skipTags()
    return { throttleTimeMs, results }
  }
}
