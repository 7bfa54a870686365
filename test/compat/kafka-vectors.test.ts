import { describe, expect, it } from 'vitest'
import { controlPathCases } from '../support/wire-cases/control-path.ts'
import { dataPathCases } from '../support/wire-cases/data-path.ts'
import { readVectors } from '../support/wire-cases/wire-case.ts'

/** Bodies written by Apache Kafka's own classes (dev/KafkaVectors.java); by older ones for what 4.x does not speak. */
const vectors = [...readVectors('kafka-3.9.1'), ...readVectors('kafka-4.3.1')]

describe.each([...dataPathCases, ...controlPathCases])('$name', (wireCase) => {
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
