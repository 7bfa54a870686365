import { ConfigError } from '../../config/config-error.ts'
import { type Findings } from '../../config/findings.ts'
import { type Option, type OptionTable } from '../../config/option-table.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { type TracedProperties } from '../../config/traced-properties.ts'

export const transformPackage = 'org.apache.kafka.connect.transforms.'

/** Throw what it returns: a problem that the keys have with each other. `key` is one of the table's. */
export type Refuse = (key: string, expected: string) => ConfigError

/** A plug-in of this program, under the class name of the reference. */
export interface BuiltIn<Plugin> {
  readonly className: string
  /** Its own keys, without the prefix: validation and documentation are made from it. */
  readonly options: Readonly<Record<string, Option<unknown>>>
  /**
   * Null when the config has problems, which are in `findings` then.
   * @param properties its own keys, without the prefix; `origin` names them for messages
   * @param spelled the key with the prefix
   */
  create(properties: TracedProperties, findings: Findings, spelled: (key: string) => string): Plugin | null
}

export function builtIn<Values extends object, Plugin>(
  className: string,
  options: OptionTable<Values> & Readonly<Record<string, Option<unknown>>>,
  make: (values: Values, refuse: Refuse) => Plugin
): BuiltIn<Plugin> {
  return {
    className,
    options,
    create(properties, findings, spelled) {
      const table: OptionTable<Values> = options
      const values = parseOptions(table, properties, findings, spelled)
      if (values === null) return null
      const refuse: Refuse = (key, expected) =>
        new ConfigError([{ key: spelled(key), value: properties.get(key)?.raw ?? null, expected }])
      try {
        return make(values, refuse)
      } catch (thrown) {
        if (!(thrown instanceof ConfigError)) throw thrown
        for (const { key, value, expected } of thrown.problems) findings.problem(key, value, expected)
        return null
      }
    }
  }
}

/** The names that a class goes by: in full, the simple name, and that without what its kind is called. */
export function namesOf(className: string, kind: string): readonly string[] {
  const simple = className.slice(className.lastIndexOf('.') + 1)
  const pruned = simple.endsWith(kind) && simple !== kind ? [simple.slice(0, -kind.length)] : []
  return [className, simple, ...pruned]
}

/** A table of built-ins by each of their names. */
export function byName<Plugin>(
  builtIns: readonly BuiltIn<Plugin>[],
  kind: string
): ReadonlyMap<string, BuiltIn<Plugin>> {
  return new Map(builtIns.flatMap((each) => namesOf(each.className, kind).map((name) => [name, each] as const)))
}
