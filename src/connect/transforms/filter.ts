import { type Transformation } from '../data/plugin-interfaces.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'

/** Drops every record that reaches it: of use with a predicate. */
export const filter = builtIn(`${transformPackage}Filter`, {}, (): Transformation => ({
  touches: [],
  apply: () => null
}))
