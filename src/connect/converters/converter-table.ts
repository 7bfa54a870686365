import { type BuiltIn, builtIn, byName } from '../data/built-in.ts'
import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import { JsonConverter, jsonConverterOptions } from './json-converter.ts'
import { PrimitiveConverter, type PrimitiveFormat, primitiveFormats } from './primitive-converter.ts'
import { SimpleHeaderConverter } from './simple-header-converter.ts'
import { StringConverter, stringConverterOptions } from './string-converter.ts'

const prefix = 'org.apache.kafka.connect.converters.'

/** Passes bytes as they are; what is used where nothing is configured. */
export const byteArrayConverterClass = `${prefix}ByteArrayConverter`

const primitive = (name: keyof typeof primitiveFormats): BuiltIn<PrimitiveConverter> => {
  const format: PrimitiveFormat = primitiveFormats[name]
  return builtIn(`${prefix}${name}Converter`, {}, () => new PrimitiveConverter(format))
}

/** For keys and values, and for headers as well. */
export const builtInConverters: readonly BuiltIn<Converter & HeaderConverter>[] = [
  builtIn(byteArrayConverterClass, {}, () => new ByteArrayConverter()),
  builtIn(
    'org.apache.kafka.connect.storage.StringConverter',
    stringConverterOptions,
    (values) => new StringConverter(values['converter.encoding'])
  ),
  builtIn('org.apache.kafka.connect.json.JsonConverter', jsonConverterOptions, (values) => {
    const hasEnvelope = values['schemas.enable']
    const replacesNull = values['replace.null.with.default']
    return new JsonConverter({ hasEnvelope, decimalFormat: values['decimal.format'], replacesNull })
  }),
  primitive('Short'),
  primitive('Integer'),
  primitive('Long'),
  primitive('Float'),
  primitive('Double'),
  primitive('Boolean')
]

export const builtInHeaderConverters: readonly BuiltIn<HeaderConverter>[] = [
  ...builtInConverters,
  builtIn('org.apache.kafka.connect.storage.SimpleHeaderConverter', {}, () => new SimpleHeaderConverter())
]

export const convertersByName = byName(builtInConverters, 'Converter')
export const headerConvertersByName = new Map([
  ...byName(builtInHeaderConverters, 'HeaderConverter'),
  ...byName(builtInConverters, 'Converter')
])
