import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MirrorError } from '../../../src/base/errors.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../../src/mirror-client/checkpoint.ts'
import { type EncodedRecord, type OnNewerVersion, warnOfNewerVersions } from '../../../src/mirror-client/format.ts'
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from '../../../src/mirror-client/heartbeat.ts'
import { decodeOffsetSync, encodeOffsetSync, type OffsetSync } from '../../../src/mirror-client/offset-sync.ts'
import { silentLogger } from '../../../src/base/logger.ts'

const text = fc.string({ maxLength: 40, unit: 'grapheme' })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const int32 = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const position = { topic: text, partition: int32, upstreamOffset: int64, downstreamOffset: int64 }

interface Format<T> {
  readonly name: string
  readonly encode: (record: T) => EncodedRecord
  readonly decode: (key: Buffer, value: Buffer, onNewerVersion?: OnNewerVersion) => T
  readonly any: fc.Arbitrary<T>
  readonly examples: readonly { readonly record: T; readonly key: string; readonly value: string }[]
}

const offsetSync: Format<OffsetSync> = {
  name: 'an offset sync',
  encode: encodeOffsetSync,
  decode: decodeOffsetSync,
  any: fc.record(position),
  examples: [
    {
      record: { topic: 'orders', partition: 3, upstreamOffset: 1000n, downstreamOffset: 998n },
      key: '0006 6f7264657273 00000003',
      value: '00000000000003e8 00000000000003e6'
    },
    {
      record: { topic: 'us-west.clicks', partition: 0, upstreamOffset: 4_294_967_296n, downstreamOffset: 0n },
      key: '000e 75732d776573742e636c69636b73 00000000',
      value: '0000000100000000 0000000000000000'
    }
  ]
}

const checkpoint: Format<Checkpoint> = {
  name: 'a checkpoint',
  encode: encodeCheckpoint,
  decode: decodeCheckpoint,
  any: fc.record({ consumerGroupId: text, metadata: text, ...position }),
  examples: [
    {
      record: {
        ...{ consumerGroupId: 'billing', topic: 'A.orders', partition: 3 },
        ...{ upstreamOffset: 1042n, downstreamOffset: 999n, metadata: '' }
      },
      key: '0007 62696c6c696e67 0008 412e6f7264657273 00000003',
      value: '0000 0000000000000412 00000000000003e7 0000'
    },
    {
      record: {
        ...{ consumerGroupId: 'gé', topic: 'x.y', partition: 11 },
        ...{ upstreamOffset: 5n, downstreamOffset: 6n, metadata: 'm1' }
      },
      key: '0003 67c3a9 0003 782e79 0000000b',
      value: '0000 0000000000000005 0000000000000006 0002 6d31'
    }
  ]
}

const heartbeat: Format<Heartbeat> = {
  name: 'a heartbeat',
  encode: encodeHeartbeat,
  decode: decodeHeartbeat,
  any: fc.record({ sourceClusterAlias: text, targetClusterAlias: text, timestamp: int64 }),
  examples: [
    {
      record: { sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp: 1_700_000_000_000n },
      key: '0001 41 0001 42',
      value: '0000 0000018bcfe56800'
    },
    {
      record: { sourceClusterAlias: 'us-east', targetClusterAlias: 'eu', timestamp: 0n },
      key: '0007 75732d65617374 0002 6575',
      value: '0000 0000000000000000'
    }
  ]
}

function claims<T>({ name, encode, decode, any, examples }: Format<T>): void {
  describe(name, () => {
    it.each(examples)('has the bytes of the reference: %o', ({ record, key, value }) => {
      const encoded = encode(record)
      expect(encoded.key.toString('hex')).toBe(key.replaceAll(' ', ''))
      expect(encoded.value.toString('hex')).toBe(value.replaceAll(' ', ''))
    })

    it('is read back as it was written, whatever lies behind it', () => {
      fc.assert(
        fc.property(any, fc.uint8Array({ maxLength: 5 }), (record, rest) => {
          const { key, value } = encode(record)
          expect(decode(Buffer.concat([key, rest]), Buffer.concat([value, rest]))).toEqual(record)
        })
      )
    })

    it('is refused where any of its bytes are missing', () => {
      const [{ record }] = examples as [(typeof examples)[number]]
      const { key, value } = encode(record)
      const cut = [
        ...Array.from(key, (_, length) => ({ key: key.subarray(0, length), value })),
        ...Array.from(value, (_, length) => ({ key, value: value.subarray(0, length) }))
      ]
      for (const bytes of cut) {
        expect(() => decode(bytes.key, bytes.value)).toThrow(
          expect.objectContaining({ code: 'MIRROR_RECORD_INVALID' }) as MirrorError
        )
      }
    })
  })
}

claims(offsetSync)
claims(checkpoint)
claims(heartbeat)

it('a newer version is read as version 0, and warned of once', () => {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => warnings.push(message) }
  const onNewerVersion = warnOfNewerVersions(logger, 'A.checkpoints.internal')
  for (const { record } of checkpoint.examples) {
    const { key, value } = encodeCheckpoint(record)
    value.writeInt16BE(1)
    expect(decodeCheckpoint(key, value, onNewerVersion)).toEqual(record)
  }
  expect(warnings).toEqual(['A.checkpoints.internal holds records of version 1; they are read as version 0'])
})

it('a text that is too long for its length field is refused before anything is written', () => {
  const record = { topic: 'x'.repeat(32_768), partition: 0, upstreamOffset: 0n, downstreamOffset: 0n }
  expect(() => encodeOffsetSync(record)).toThrow(
    expect.objectContaining({ code: 'MIRROR_RECORD_INVALID' }) as MirrorError
  )
})
