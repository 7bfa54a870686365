import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type MemberAssignment,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
  protocolVersions
} from '../../../../src/connect/group/connect-protocol.ts'
import { WorkSet, connectorItself } from '../../../../src/connect/group/work-set.ts'
import { ProtocolError } from '../../../../src/wire/reader.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

/** Bytes that the reference's own protocol classes wrote. */
const vectors = {
  assignment: [
    '000200000006412d3e422d31000e687474703a2f2f683a383038302f000000000000000c',
    '0000000100154d6972726f72536f75726365436f6e6e6563746f7200000003ffffffff0000000000000001',
    '0000000100184d6972726f72486561727462656174436f6e6e6563746f720000000100000000',
    '000493e0'
  ].join(''),
  metadata: {
    sessioned: '000200074e4f54555345440000000000000007ffffffff',
    compatible: '000100074e4f54555345440000000000000007ffffffff',
    default: '000000074e4f54555345440000000000000007'
  },
  metadataHead: '0002000e687474703a2f2f683a383038302f000000000000000c00000079',
  mismatchV0: '0000000100016d00074e4f5455534544000000000000000500000000'
}

const source = 'MirrorSourceConnector'
const assignment: MemberAssignment = {
  error: 0,
  leaderId: 'A->B-1',
  leaderUrl: 'http://h:8080/',
  configOffset: 12n,
  assigned: new WorkSet([
    { connector: source, task: 1 },
    { connector: source, task: connectorItself },
    { connector: source, task: 0 }
  ]),
  revoked: new WorkSet([{ connector: 'MirrorHeartbeatConnector', task: 0 }]),
  delayMs: 300_000
}

describe('metadata', () => {
  it.each(['sessioned', 'compatible', 'default'] as const)('of %s is the bytes that Java writes', (protocol) => {
    const metadata = { url: 'NOTUSED', configOffset: 7n, current: undefined }
    const bytes = encodeMetadata(metadata, protocolVersions[protocol])
    expect(bytes.toString('hex')).toBe(vectors.metadata[protocol])
    expect(decodeMetadata(bytes)).toEqual(metadata)
  })

  it('carries the current assignment as Java writes it', () => {
    const metadata = { url: 'http://h:8080/', configOffset: 12n, current: assignment }
    const bytes = encodeMetadata(metadata, 2)
    expect(bytes.toString('hex')).toBe(vectors.metadataHead + vectors.assignment)
    expect(decodeMetadata(bytes).current?.assigned.toItems()).toEqual(assignment.assigned.toItems())
  })
})

describe('assignment', () => {
  it('is the bytes that Java writes', () => {
    expect(encodeAssignment(assignment, 2).toString('hex')).toBe(vectors.assignment)
  })

  it('of v0 is read with empty lists and no delay', () => {
    const read = decodeAssignment(Buffer.from(vectors.mismatchV0, 'hex'))
    expect(read).toMatchObject({ error: 1, leaderId: 'm', leaderUrl: 'NOTUSED', configOffset: 5n, delayMs: 0 })
    expect([read.assigned.size, read.revoked.size]).toEqual([0, 0])
    expect(encodeAssignment(read, 0).toString('hex')).toBe(vectors.mismatchV0)
  })

  it('of a version to come is read by the layout that is known', () => {
    const newer = Buffer.from(`0009${vectors.assignment.slice(4)}`, 'hex')
    expect(decodeAssignment(newer).assigned.toItems()).toEqual(assignment.assigned.toItems())
  })

  it('with null lists is read as empty ones, of a negative version not at all', () => {
    const head = '0002000000016d00016d0000000000000005'
    const nulls = decodeAssignment(Buffer.from(`${head}ffffffffffffffff00000000`, 'hex'))
    expect([nulls.assigned.size, nulls.revoked.size]).toEqual([0, 0])
    expect(() => decodeAssignment(Buffer.from(`ffff${vectors.assignment.slice(4)}`, 'hex'))).toThrow(ProtocolError)
  })

  it('of any bytes is refused or read within their size', () => {
    const valid = Buffer.from(vectors.metadataHead + vectors.assignment, 'hex')
    const change = fc.record({ at: fc.nat({ max: valid.length - 1 }), byte: fc.nat({ max: 255 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat({ max: valid.length }), (changes, length) => {
        const hostile = Buffer.from(valid.subarray(0, length))
        for (const { at, byte } of changes) if (at < length) hostile[at] = byte
        try {
          const { current } = decodeMetadata(hostile)
          expect((current?.assigned.size ?? 0) + (current?.revoked.size ?? 0)).toBeLessThanOrEqual(length / 4)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      propertyRuns(500)
    )
  })
})
