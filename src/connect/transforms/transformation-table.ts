import { type BuiltIn, byName } from '../data/built-in.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { dropHeaders } from './drop-headers.ts'
import { filter } from './filter.ts'
import { regexRouter } from './regex-router.ts'

export const builtInTransformations: readonly BuiltIn<Transformation>[] = [dropHeaders, filter, regexRouter]

export const transformationsByName = byName(builtInTransformations, 'Transformation')
