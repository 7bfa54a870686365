import { isModuleReference } from './module-reference.ts'
import { parseBoolean, parseDouble, parseInteger, parseList, parseString, type Parsed } from './java-values.ts'

/**
 * The option table: the one description of a configuration key that parsing, validation, warnings and
 * docs/configuration.md are made from. Each layer keeps a table of the keys it owns.
 */
type OptionType = 'BOOLEAN' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD' | 'STRING'
type Importance = 'high' | 'medium' | 'low'

/** What this program does with a key: obeys it, will obey it in a later release, or takes no notice of it and says why. */
export type OptionStatus = 'used' | { readonly later: string } | { readonly ignored: string }

export interface Option<Value> {
  readonly type: OptionType
  /** Value of an absent key; undefined when the key is required. */
  readonly default: Value | undefined
  /** What a valid value looks like, where the type alone does not say it. */
  readonly valid: string | null
  readonly importance: Importance
  readonly meaning: string
  readonly status: OptionStatus
  parse(text: string): Parsed<Value>
}

/** A table for the values `Values`: one option per key. */
export type OptionTable<Values> = { readonly [Key in keyof Values]: Option<Values[Key]> }

/** The values of a table, as an object with the keys spelled as in the file. */
export type OptionValues<Table> = {
  readonly [Key in keyof Table]: Table[Key] extends Option<infer Value> ? Value : never
}

/** Marks an option without a default. */
export const required: unique symbol = Symbol('required')
type Required = typeof required

interface Facts<Default> {
  readonly default: Default
  readonly meaning: string
  /** Default low. */
  readonly importance?: Importance
  /** Default used. */
  readonly status?: OptionStatus
}

/** A check beyond the type; `expected` completes the sentence "expected ...". */
export interface Check<Value> {
  readonly expected: string
  readonly holds: (value: Value) => boolean
  /** Put behind `expected` for a value that does not hold. */
  readonly reason?: (value: Value) => string
}

interface CheckedFacts<Value, Default> extends Facts<Default> {
  readonly check?: Check<Value>
}

function option<Value, Default>(
  type: OptionType,
  parse: (text: string) => Parsed<Value>,
  facts: CheckedFacts<Value, Default>
): Option<Value | Exclude<Default, Required>> {
  const { check } = facts
  return {
    type,
    default: isGiven(facts.default) ? facts.default : undefined,
    valid: check?.expected ?? null,
    importance: facts.importance ?? 'low',
    meaning: facts.meaning,
    status: facts.status ?? 'used',
    parse(text) {
      const parsed = parse(text)
      if (!parsed.ok || check === undefined || check.holds(parsed.value)) return parsed
      const reason = check.reason?.(parsed.value)
      return { ok: false, expected: reason === undefined ? check.expected : `${check.expected}: ${reason}` }
    }
  }
}

function isGiven<Default>(value: Default): value is Exclude<Default, Required> {
  return value !== required
}

export const boolean = <const D extends boolean | null>(facts: CheckedFacts<boolean, D>): Option<boolean | D> =>
  option('BOOLEAN', parseBoolean, facts)

export const int = <D extends number | null>(facts: CheckedFacts<number, D>): Option<number | D> =>
  option('INT', (text) => parseInteger(text, 'INT'), facts)

export const short = <D extends number | null>(facts: CheckedFacts<number, D>): Option<number | D> =>
  option('SHORT', (text) => parseInteger(text, 'SHORT'), facts)

export const long = <D extends number | null>(facts: CheckedFacts<number, D>): Option<number | D> =>
  option('LONG', (text) => parseInteger(text, 'LONG'), facts)

export const double = <D extends number | null>(facts: CheckedFacts<number, D>): Option<number | D> =>
  option('DOUBLE', parseDouble, facts)

export const list = <D extends readonly string[] | null | Required>(
  facts: CheckedFacts<readonly string[], D>
): Option<readonly string[] | Exclude<D, Required>> => option('LIST', parseList, facts)

export const string = <D extends string | null | Required>(
  facts: CheckedFacts<string, D>
): Option<string | Exclude<D, Required>> => option('STRING', parseString, facts)

export const password = (facts: CheckedFacts<string, null>): Option<string | null> =>
  option('PASSWORD', parseString, facts)

/** A Java class name; `accepted` lists those that have an equivalent here (nothing else can be loaded), or is null for any. */
export const javaClass = <D extends string | null>(
  facts: Facts<D> & { readonly accepted: readonly string[] | null }
): Option<string | D> => {
  const { accepted } = facts
  if (accepted === null) return option('CLASS', parseString, facts)
  return option('CLASS', parseString, { ...facts, check: oneOf(accepted) })
}

/** A class that is built in under one of these names, or that an ES module exports: `PluginLoader` finds it. */
export const pluginClass = <D extends string | null>(
  facts: Facts<D> & { readonly builtIns: readonly string[] }
): Option<string | D> => {
  const { builtIns } = facts
  const expected = `${oneOf(builtIns).expected}, or a class of an ES module: ./my-plugin.js#MyPlugin`
  const holds = (name: string): boolean => builtIns.includes(name) || isModuleReference(name)
  return option('CLASS', parseString, { ...facts, check: { expected, holds } })
}

/** One of a few words. */
export const choice = <const Word extends string, const D extends Word | null>(
  facts: Facts<D> & { readonly words: readonly Word[]; readonly ignoreCase?: boolean; readonly expected?: string }
): Option<Word | D> => {
  const { words, ignoreCase = false, ...rest } = facts
  const expected = facts.expected ?? oneOf(words).expected
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text)
  const parse = (text: string): Parsed<Word> => {
    const parsed = parseString(text)
    const word = parsed.ok ? words.find((each) => fold(each) === fold(parsed.value)) : undefined
    return word === undefined ? { ok: false, expected } : { ok: true, value: word }
  }
  const made: Option<Word | Exclude<D, Required>> = option('STRING', parse, rest)
  return { ...made, valid: expected }
}

export const atLeast = (min: number): Check<number> => ({
  expected: `${String(min)} or more`,
  holds: (value) => value >= min
})

export const between = (min: number, max: number): Check<number> => ({
  expected: `between ${String(min)} and ${String(max)}`,
  holds: (value) => value >= min && value <= max
})

function oneOf(words: readonly string[]): Check<string> {
  const expected = words.length === 1 ? words.join() : `one of ${words.join(', ')}`
  return { expected, holds: (value) => words.includes(value) }
}
