import { describe, expect, it } from 'vitest'
import { builtInPredicates } from '../../../../src/connect/transforms/predicates.ts'
import {
  builtInTransformations,
  transformationsByName
} from '../../../../src/connect/transforms/transformation-table.ts'

const onBothSides = ['Cast', 'ExtractField', 'Flatten', 'HeaderFrom', 'HoistField', 'InsertField', 'MaskField']
const alsoOnBothSides = ['ReplaceField', 'SetSchemaMetadata', 'TimestampConverter']
const others = ['DropHeaders', 'Filter', 'InsertHeader', 'RegexRouter', 'TimestampRouter', 'ValueToKey']

describe('the table of transforms', () => {
  it('has every class of the reference, by its full and its simple name', () => {
    const sides = [...onBothSides, ...alsoOnBothSides].flatMap((name) => [`${name}$Key`, `${name}$Value`])
    const names = [...sides, ...others]
    expect(builtInTransformations).toHaveLength(names.length)
    for (const name of names) {
      const found = transformationsByName.get(name)
      expect(found?.className).toBe(`org.apache.kafka.connect.transforms.${name}`)
      expect(transformationsByName.get(found?.className ?? '')).toBe(found)
    }
    expect(builtInPredicates.map(({ className }) => className.split('.').at(-1)).sort()).toEqual([
      'HasHeaderKey',
      'RecordIsTombstone',
      'TopicNameMatches'
    ])
  })
})
