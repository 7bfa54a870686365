import { type ConfigProblem } from '../source-connector-plugin.ts'
import { type JsonValue } from '../storage/jackson-json.ts'
import { definitionJson, type DefinedKey } from './key-definition.ts'

/** A key of a validated config. */
export interface ValidatedKey extends DefinedKey {
  /** As given, else the default; secrets masked. */
  readonly value: string | null
  readonly recommended: readonly string[]
  readonly errors: readonly string[]
}

/** What validation found (spec 6.2). */
export interface ValidationResult {
  /** `connector.class` as given. */
  readonly name: string
  readonly keys: readonly ValidatedKey[]
  /** Client overrides and settings of converters: a bad one counts once, whatever is said of it. */
  readonly clientAndConverterKeys: readonly ValidatedKey[]
}

function errorCount({ keys, clientAndConverterKeys }: ValidationResult): number {
  const messages = keys.reduce((sum, { errors }) => sum + errors.length, 0)
  return messages + clientAndConverterKeys.filter(({ errors }) => errors.length > 0).length
}

export function problemsOf({ keys, clientAndConverterKeys }: ValidationResult): readonly ConfigProblem[] {
  return [...keys, ...clientAndConverterKeys].flatMap(({ name, errors }) =>
    errors.map((message) => ({ key: name, message }))
  )
}

/** In the shape and member order of 4.3.1. */
export function validationJson(result: ValidationResult): JsonValue {
  const all = [...result.keys, ...result.clientAndConverterKeys]
  const groups = result.keys.flatMap(({ definition }) => definition?.group ?? [])
  return {
    name: result.name,
    error_count: errorCount(result),
    groups: [...new Set(groups)],
    configs: all.map(({ name, definition, value, recommended, errors }) => ({
      definition: definition === null ? null : definitionJson(definition),
      value: { name, value, recommended_values: recommended, errors, visible: true }
    }))
  }
}
