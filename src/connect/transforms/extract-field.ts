import { MirrorError } from '../../base/errors.ts'
import { required, string } from '../../config/option-table.ts'
import { fieldSyntaxOption, parseFieldPath, schemaAt, valueAt } from './field-path.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { requireMap, requireStruct } from './struct-edit.ts'

const purpose = 'extracting a field'

/** One field in place of the whole. */
export const extractField = forEachSide(
  'ExtractField',
  {
    field: string({ default: required, importance: 'medium', meaning: 'Name of the field, or its path.' }),
    ...fieldSyntaxOption,
    ...replaceNullOption
  },
  (values, side, refuse) => {
    const path = parseFieldPath(values.field, values['field.syntax.version'])
    if (path === undefined) throw refuse('field', 'a path whose backticks are closed')
    const replacesNull = values['replace.null.with.default']
    return sideTransformation(side, (schema, value) => {
      if (schema === null) {
        return [null, value === null ? null : valueAt(requireMap(value, purpose), path, replacesNull)]
      }
      if (value !== null) requireStruct(value, purpose)
      const fieldSchema = schemaAt(schema, path)
      if (fieldSchema === undefined) throw new MirrorError('MIRROR_CONVERSION', `There is no field ${values.field}`)
      return [fieldSchema, valueAt(value, path, replacesNull)]
    })
  }
)
