import { expect, it } from 'vitest'
import { apiVersions } from '../../../../src/wire/api/18-api-versions.ts'
import { Reader } from '../../../../src/wire/reader.ts'

it('reads the v0 body in which a broker refuses a newer version of the request', () => {
  const refusal = Buffer.from('0023' + '00000001' + '0012' + '0000' + '0002', 'hex')
  expect(apiVersions.decodeResponse(new Reader(refusal, true), 3)).toEqual({
    errorCode: 35,
    apiKeys: [{ key: 18, minVersion: 0, maxVersion: 2 }],
    throttleTimeMs: 0
  })
})
