import { describe, expect, it } from 'vitest'
import { parseLiteral } from '../../../../src/connect/data/literal.ts'
import { type Schema } from '../../../../src/connect/data/connect-data.ts'
import { valueText } from '../../../../src/connect/data/value-text.ts'

/** A literal, the type that the reference infers, and the value as text. */
const vectors = [
  ['5', 'INT8', '5'],
  ['true', 'BOOLEAN', 'true'],
  ['TRUE', 'STRING', 'TRUE'],
  ['', 'STRING', ''],
  ['"abc"', 'STRING', '"abc"'],
  ['300', 'INT16', '300'],
  ['70000', 'INT32', '70000'],
  ['5000000000', 'INT64', '5000000000'],
  ['-129', 'INT16', '-129'],
  ['1.5', 'FLOAT32', '1.5'],
  ['1.0', 'INT8', '1'],
  ['1e3', 'INT16', '1000'],
  ['3.4e39', 'FLOAT64', '3.4E39'],
  ['1e400', 'BYTES org.apache.kafka.connect.data.Decimal', '1E+400'],
  ['99999999999999999999', 'BYTES org.apache.kafka.connect.data.Decimal', '99999999999999999999'],
  ['1.23456789012345678901', 'FLOAT32', '1.2345679'],
  ['+5', 'INT8', '5'],
  ['-0', 'INT8', '0'],
  ['NaN', 'STRING', 'NaN'],
  ['1.', 'INT8', '1'],
  ['.5', 'STRING', '.5'],
  ['5f', 'STRING', '5f'],
  [' 5 ', 'INT8', '5'],
  ['1e20', 'FLOAT32', '1.0E20'],
  ['16777217.0', 'INT32', '16777217'],
  ['[1,300]', 'ARRAY of INT16', '[1,300]'],
  ['[1,2.5]', 'ARRAY of FLOAT32', '[1.0,2.5]'],
  ['[1,"a"]', 'ARRAY of null', '[1,"a"]'],
  ['[]', 'ARRAY of null', '[]'],
  ['[1,2,]', 'ARRAY of INT8', '[1,2]'],
  ['[ 1 , 2 ]', 'ARRAY of INT8', '[1,2]'],
  ['[1,null]', 'STRING', '[1,null]'],
  ['[a]', 'STRING', '[a]'],
  ['[1,', 'STRING', '[1,'],
  ['{"a":1,"b":300}', 'MAP of INT16', '{"a":1,"b":300}'],
  ['{ "a" : 1 }', 'MAP of INT8', '{"a":1}'],
  ['{"a":null}', 'MAP of null', '{"a":null}'],
  ['{a:1}', 'STRING', '{a:1}'],
  ['2020-01-02', 'INT32 org.apache.kafka.connect.data.Date', '2020-01-02'],
  ['10:20:30.123Z', 'INT32 org.apache.kafka.connect.data.Time', '10:20:30.123Z'],
  ['2020-01-02T10:20:30.123Z', 'INT64 org.apache.kafka.connect.data.Timestamp', '2020-01-02T10:20:30.123Z'],
  ['2020-01-02T10:20:30Z', 'STRING', '2020-01-02T10:20:30Z']
] as const

function typeOf(schema: Schema | null): string {
  if (schema === null) return 'null'
  const items = schema.type === 'ARRAY' || schema.type === 'MAP' ? ` of ${typeOf(schema.valueSchema)}` : ''
  return `${schema.type}${schema.name === null ? '' : ` ${schema.name}`}${items}`
}

describe('a literal', () => {
  it.each(vectors)('%s is of the type %s', (literal, type, text) => {
    const { schema, value } = parseLiteral(literal)
    expect([typeOf(schema), valueText(value, schema)]).toEqual([type, text])
  })

  it('that is nested without end is text', () => {
    const deep = '['.repeat(100_000)
    expect(parseLiteral(deep)).toMatchObject({ value: deep })
  })
})
