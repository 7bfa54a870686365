import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonValue, jsonContentKey, writeJacksonJson } from '../../../../src/connect/storage/jackson-json.ts'
import { javaMapOrder } from '../../../../src/connect/storage/java-map-order.ts'
import { parseJson, parseStoredJson } from '../../../../src/connect/storage/json-parser.ts'

describe('writing JSON as Jackson does', () => {
  it.each([
    [['MirrorSourceConnector', { cluster: 'A', partition: 3, topic: 'orders' }], 72],
    [['MirrorCheckpointConnector', { partition: 3, topic: 'A.orders', group: 'billing' }], 82],
    [['MirrorHeartbeatConnector', { sourceClusterAlias: 'A', targetClusterAlias: 'B' }], 80]
  ])('keeps member order and adds no space: %j', (key, bytes) => {
    const text = writeJacksonJson(key)
    expect(text).toBe(JSON.stringify(key))
    expect(Buffer.byteLength(text)).toBe(bytes)
  })

  it.each([
    ['"\\', String.raw`"\"\\"`],
    ['\b\t\n\f\r', String.raw`"\b\t\n\f\r"`],
    ['\u0000\u001f\u000b', String.raw`"\u0000\u001F\u000B"`],
    ['/<\u007f\u2028é', '"/<\u007f\u2028é"'],
    ['😀', String.raw`"\uD83D\uDE00"`]
  ])('escapes %j', (text, json) => {
    expect(writeJacksonJson(text)).toBe(json)
  })

  it('writes 64-bit integers exactly and refuses what it could not write exactly', () => {
    expect(writeJacksonJson({ offset: 9223372036854775807n })).toBe('{"offset":9223372036854775807}')
    expect(() => writeJacksonJson({ offset: 2 ** 53 })).toThrow(RangeError)
    expect(() => writeJacksonJson(0.5)).toThrow(RangeError)
  })
})

describe('parsing JSON', () => {
  const leaf = fc.oneof(fc.string({ unit: 'binary' }), fc.bigInt(), fc.boolean(), fc.constant(null))
  const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value')))
  }))

  it('gives back what was written', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(jsonContentKey(parseJson(writeJacksonJson(value)))).toBe(jsonContentKey(value))
      })
    )
  })

  it('keeps integers above 2^53, tolerates leading zeros and white space, takes nothing for null', () => {
    expect(parseJson(' {"offset" : 9007199254740993 }\n')).toEqual({ offset: 9007199254740993n })
    expect(parseJson('[007,-1,1.5,2e3]')).toEqual([7n, -1n, 1.5, 2000])
    expect(parseJson('')).toBeNull()
  })

  it.each(['{', '[1,]', '{"a":1,}', '{"a"}', '"a', 'nul', '1 2', '{a:1}', '-', '"\u0001"', '['.repeat(100_000)])(
    'refuses %.20j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    }
  )

  it('of a stored value looks at the first value only, as Java does', () => {
    const stored = (text: string): JsonValue => parseStoredJson(Buffer.from(text))
    expect([stored('{"a":1}x'), stored('1 x'), stored(''), stored('null')]).toEqual([{ a: 1n }, 1n, null, null])
    for (const text of ['1x', 'nullx', '{"a":1']) expect(() => stored(text)).toThrow(SyntaxError)
    expect(() => parseStoredJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(SyntaxError)
    expect(() => stored('['.repeat(500) + ']'.repeat(500))).not.toThrow()
  })

  it('keeps a member named __proto__ a member', () => {
    expect(writeJacksonJson(parseJson('{"__proto__":1}'))).toBe('{"__proto__":1}')
  })
})

describe('the content of JSON', () => {
  it('is the same for any member order and kind of integer, and differs with any value', () => {
    const key = (text: string): string => jsonContentKey(parseJson(text))
    expect(key('["c",{"topic":"t","partition":3}]')).toBe(jsonContentKey(['c', { partition: 3, topic: 't' }]))
    expect(key('["c",{"topic":"t","partition":3}]')).not.toBe(key('["c",{"topic":"t","partition":"3"}]'))
  })
})

describe('the member order of Java maps', () => {
  it.each([
    [
      ['topic', 'partition', 'cluster'],
      ['cluster', 'partition', 'topic']
    ],
    [
      ['group', 'topic', 'partition'],
      ['partition', 'topic', 'group']
    ],
    [
      ['targetClusterAlias', 'sourceClusterAlias'],
      ['sourceClusterAlias', 'targetClusterAlias']
    ],
    [
      Array.from({ length: 14 }, (_, index) => `key${index}`),
      [1, 2, 0, 5, 6, 3, 4, 9, 7, 8, 11, 10, 13, 12].map((index) => `key${index}`)
    ]
  ])('of %j is %j', (names, order) => {
    expect(javaMapOrder(names)).toEqual(order)
  })
})
