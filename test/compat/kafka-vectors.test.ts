import { describe, expect, it } from 'vitest'
import { kafkaVectors, wireCases } from '../support/wire-cases.ts'

const vectors = kafkaVectors()

describe.each(wireCases)('$name', (wireCase) => {
  const own = vectors.filter(({ name }) => name === wireCase.name)

  it('is compared with Apache Kafka in every version spoken', () => {
    const spoken = wireCase.maxVersion - wireCase.minVersion + 1
    expect(own.map(({ version }) => version)).toEqual(Array.from({ length: spoken }, (_, i) => wireCase.minVersion + i))
  })

  it.each(own)('v$version requests are the bytes that Apache Kafka writes', ({ version, request }) => {
    expect(wireCase.encodeRequest(version).toString('hex')).toBe(request)
  })

  it.each(own)('v$version responses written by Apache Kafka are read to the last byte', ({ version, response }) => {
    const { value, bytesLeft } = wireCase.decodeResponse(version, Buffer.from(response, 'hex'))
    expect(value).toEqual(wireCase.response(version))
    expect(bytesLeft).toBe(0)
  })
})
