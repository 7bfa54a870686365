import { type ApiMessage } from '../api-message.ts'

/**
 * DescribeAcls: the access control entries that match a filter. v2 is flexible; v3 knows more resource types.
 *
 *   Request  v1+ => resource_type INT8, resource_name NULLABLE_STRING, pattern_type INT8, principal NULLABLE_STRING,
 *                   host NULLABLE_STRING, operation INT8, permission_type INT8
 *   Response v1+ => throttle_time_ms INT32, error_code INT16, error_message NULLABLE_STRING,
 *                   [resource_type INT8, resource_name STRING, pattern_type INT8,
 *                    [principal STRING, host STRING, operation INT8, permission_type INT8]]
 */
export interface DescribeAclsRequest {
  readonly resourceType: number
  /** Null matches any, as in the other fields. */
  readonly resourceName: string | null
  readonly patternType: number
  readonly principal: string | null
  readonly host: string | null
  readonly operation: number
  readonly permissionType: number
}

/** What an entry is about, and with `any` and `match` what a filter asks for. */
export const aclResourceType = { any: 1, topic: 2, group: 3, cluster: 4 } as const

/** `match` finds every pattern that covers the name, `any` every kind of pattern. */
export const aclPatternType = { any: 1, match: 2, literal: 3, prefixed: 4 } as const

export const aclOperation = { any: 1, all: 2, read: 3, write: 4, create: 5, delete: 6, alter: 7, describe: 8 } as const

export const aclPermission = { any: 1, deny: 2, allow: 3 } as const

export interface DescribeAclsResponse {
  readonly throttleTimeMs: number
  /** SECURITY_DISABLED where the brokers have no authorizer. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resources: readonly DescribedAclResource[]
}

export interface DescribedAclResource {
  readonly type: number
  readonly name: string
  readonly patternType: number
  readonly acls: readonly {
    readonly principal: string
    readonly host: string
    readonly operation: number
    readonly permissionType: number
  }[]
}

export const describeAcls: ApiMessage<DescribeAclsRequest, DescribeAclsResponse> = {
  key: 29,
  name: 'DescribeAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  encodeRequest(writer, request) {
    writer.int8(request.resourceType).nullableString(request.resourceName).int8(request.patternType)
    writer.nullableString(request.principal).nullableString(request.host)
    writer.int8(request.operation).int8(request.permissionType).noTags()
  },
  decodeResponse(reader) {
    const status = { throttleTimeMs: reader.int32(), errorCode: reader.int16(), errorMessage: reader.nullableString() }
    const resources = reader.array(() => {
      const resource = {
        type: reader.int8(),
        name: reader.string(),
        patternType: reader.int8(),
        acls: reader.array(() => {
          const acl = {
            principal: reader.string(),
            host: reader.string(),
            operation: reader.int8(),
            permissionType: reader.int8()
          }
          reader.skipTags()
          return acl
        })
      }
      reader.skipTags()
      return resource
    })
    reader.skipTags()
    return { ...status, resources }
  }
}
