import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { asError, MirrorError } from '../base/errors.ts'
import { type ConfigProblem, describeProblem } from './config-error.ts'
import { isModuleReference, parseModuleReference } from './module-reference.ts'

/** What may stand at a place of the configuration. */
export interface PluginShape<Plugin> {
  /** Completes "expected ...": `a replication policy`. */
  readonly noun: string
  /** Methods that the class must have, on its prototype. */
  readonly methods: readonly (keyof Plugin & string)[]
}

export type PluginConstructor<Arguments extends readonly unknown[], Plugin> = new (...args: Arguments) => Plugin

/** A class that a configuration names and that is not to be had. */
export class PluginError extends MirrorError {
  readonly problem: ConfigProblem

  constructor(problem: ConfigProblem, cause?: unknown) {
    super('MIRROR_PLUGIN', describeProblem(problem), { cause })
    this.problem = problem
  }
}

/**
 * Loads classes of ES modules (or CommonJS ones) that a configuration names. Each module is loaded once in the process.
 */
export class PluginLoader {
  readonly #directory: string

  /** @param directory of the properties file: relative paths begin there, and packages are looked for there first */
  constructor(directory: string) {
    this.#directory = resolve(directory)
  }

  /**
   * The class that `value` names. What its constructor takes cannot be checked: the shape's methods stand for the rest.
   * @param key for the message
   * @throws PluginError naming key, value, what was expected and what was found
   */
  async load<Arguments extends readonly unknown[], Plugin>(
    key: string,
    value: string,
    shape: PluginShape<Plugin>
  ): Promise<PluginConstructor<Arguments, Plugin>> {
    const refuse = (found: string, cause?: unknown): PluginError => {
      const expected = `${shape.noun}: a class with ${methodNames(shape.methods)}; found ${found}`
      return new PluginError({ key, value, expected }, cause)
    }
    if (!isModuleReference(value)) {
      throw refuse(
        'the name of a Java class that has no equivalent here; name an ES module, such as ./my-plugin.js#MyPlugin'
      )
    }
    const { module, exportName } = parseModuleReference(value)
    const exported = exportsOf(await this.#import(module, refuse))
    const candidate = exportName === null ? onlyClass(exported) : exported.get(exportName)
    if (candidate === undefined) {
      const names = [...exported.keys()]
      const all = names.length === 0 ? 'exports nothing' : `exports ${names.join(', ')}`
      throw refuse(exportName === null ? `a module that ${all}: say which one, after a #` : `a module that ${all}`)
    }
    if (!isClass<Arguments, Plugin>(candidate)) throw refuse(`${describe(candidate)}, which is no class`)
    const missing = shape.methods.filter((method) => typeof memberOf(candidate.prototype, method) !== 'function')
    if (missing.length > 0) throw refuse(`class ${candidate.name} without ${methodNames(missing)}`)
    return candidate
  }

  async #import(module: string, refuse: (found: string, cause: unknown) => PluginError): Promise<unknown> {
    try {
      const loaded: unknown = await import(this.#urlOf(module))
      return loaded
    } catch (cause) {
      const error = asError(cause)
      const isMissing = memberOf(error, 'code') === 'ERR_MODULE_NOT_FOUND'
      throw refuse(
        isMissing ? `no such module (${error.message})` : `a module that does not load: ${error.message}`,
        cause
      )
    }
  }

  /** What `import` takes. */
  #urlOf(module: string): string {
    if (module.startsWith('file:')) return module
    if (/^\.\.?\//.test(module) || isAbsolute(module)) return pathToFileURL(resolve(this.#directory, module)).href
    // Configs come by HTTP too: a data: URL would run what it says. No name of a package has a colon.
    if (module.includes(':')) throw new Error('only paths, file: URLs and packages are loaded')
    try {
      return pathToFileURL(createRequire(join(this.#directory, 'package.json')).resolve(module)).href
    } catch {
      // a package beside this program, or one that says so itself when it is imported
      return module
    }
  }
}

/** By name; what a CommonJS module assigns to `module.exports` counts as exported, and so do its members. */
function exportsOf(module: unknown): ReadonlyMap<string, unknown> {
  const exported = new Map<string, unknown>()
  const main = memberOf(module, 'default')
  for (const holder of [main, module]) {
    if (typeof holder !== 'object' || holder === null) continue
    for (const [name, value] of Object.entries(holder)) exported.set(name, value)
  }
  exported.delete('module.exports')
  return exported
}

function onlyClass(exported: ReadonlyMap<string, unknown>): unknown {
  const main = exported.get('default')
  if (typeof main === 'function') return main
  const classes = [...exported.values()].filter((value) => typeof value === 'function')
  return classes.length === 1 ? classes[0] : undefined
}

function isClass<Arguments extends readonly unknown[], Plugin>(
  value: unknown
): value is PluginConstructor<Arguments, Plugin> & { readonly prototype: unknown; readonly name: string } {
  return typeof value === 'function' && typeof memberOf(value, 'prototype') === 'object'
}

function memberOf(holder: unknown, name: string): unknown {
  const isHolder = (typeof holder === 'object' && holder !== null) || typeof holder === 'function'
  return isHolder ? Reflect.get(holder, name) : undefined
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'function' ? 'a function' : `a value of type ${typeof value}`
}

function methodNames(names: readonly string[]): string {
  return `the method${names.length === 1 ? '' : 's'} ${names.join(', ')}`
}
