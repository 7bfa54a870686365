import { describe, expect, it } from 'vitest'
import { produce } from '../../src/wire/api/00-produce.ts'
import { Reader } from '../../src/wire/reader.ts'
import { Writer } from '../../src/wire/writer.ts'
import { brokerProduce } from '../support/scripted-broker/00-produce.ts'
import { controlPathCases } from '../support/wire-cases/control-path.ts'
import { dataPathCases } from '../support/wire-cases/data-path.ts'
import { readVectors } from '../support/wire-cases/wire-case.ts'

/** Requests written by kafkajs (dev/kafkajs-vectors.ts). */
const vectors = readVectors('kafkajs-2.2.4')

describe('requests are the bytes that kafkajs writes', () => {
  const cases = new Map([...dataPathCases, ...controlPathCases].map((wireCase) => [wireCase.name, wireCase]))

  it.each(vectors.filter(({ name }) => name !== 'Produce'))('$name v$version', ({ name, version, request }) => {
    expect(cases.get(name)?.encodeRequest(version).toString('hex')).toBe(request)
  })

  // kafkajs builds the record batches itself: they are taken out of its request and framed again.
  it.each(vectors.filter(({ name }) => name === 'Produce'))('Produce v$version', ({ version, request }) => {
    const writer = new Writer()
    const decoded = brokerProduce.decodeRequest(new Reader(Buffer.from(request, 'hex')), version)
    produce.encodeRequest(writer, decoded, version)
    expect(decoded.topics[0]?.partitions.map(({ partition }) => partition)).toEqual([0, 7])
    expect(writer.toBuffer().toString('hex')).toBe(request)
  })
})
