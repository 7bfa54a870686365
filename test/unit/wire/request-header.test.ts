import { describe, expect, it } from 'vitest'
import { produce } from '../../../src/wire/api/00-produce.ts'
import { apiVersions } from '../../../src/wire/api/18-api-versions.ts'
import { encodeRequestHeader, responseBodyReader } from '../../../src/wire/request-header.ts'

describe('request header', () => {
  const header = { correlationId: 0x01020304, clientId: Buffer.from('cli'), bodyBytes: 100 }

  it('counts itself and the body, without the length field', () => {
    const bytes = encodeRequestHeader(produce, { ...header, version: 8 })
    expect(bytes.toString('hex')).toBe('00000071' + '0000' + '0008' + '01020304' + '0003636c69')
  })

  it('ends in empty tagged fields from the first flexible version on, and keeps the old client id', () => {
    const bytes = encodeRequestHeader(produce, { ...header, version: 9 })
    expect(bytes.toString('hex')).toBe('00000072' + '0000' + '0009' + '01020304' + '0003636c69' + '00')
  })
})

describe('response header', () => {
  it('has tagged fields in flexible versions, and what they hold is passed over', () => {
    expect(responseBodyReader(Buffer.from('00000007' + '01' + '0502ffff' + '2a', 'hex'), produce, 9).int8()).toBe(42)
    expect(responseBodyReader(Buffer.from('00000007' + '2a', 'hex'), produce, 8).int8()).toBe(42)
  })

  it('of ApiVersions has none in any version', () => {
    expect(responseBodyReader(Buffer.from('00000007' + '2a', 'hex'), apiVersions, 3).int8()).toBe(42)
  })
})
