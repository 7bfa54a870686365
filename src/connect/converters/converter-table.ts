import { type Converter, type HeaderConverter } from '../data/plugin-interfaces.ts'
import { type BuiltIn, builtIn, byName } from '../data/built-in.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'

const prefix = 'org.apache.kafka.connect.converters.'

/** Passes bytes as they are; what is used where nothing is configured. */
export const byteArrayConverterClass = `${prefix}ByteArrayConverter`

const forAll: readonly BuiltIn<Converter & HeaderConverter>[] = [
  builtIn(byteArrayConverterClass, {}, () => new ByteArrayConverter())
]

export const builtInConverters: readonly BuiltIn<Converter>[] = forAll
export const builtInHeaderConverters: readonly BuiltIn<HeaderConverter>[] = [...forAll]

export const convertersByName = byName(builtInConverters, 'Converter')
export const headerConvertersByName = byName(builtInHeaderConverters, 'Converter')
