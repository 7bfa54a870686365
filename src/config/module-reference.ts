/** How a configuration names a class of an ES module: `./my-policy.js#MyPolicy`, `some-package#MyPolicy`, a path or file URL. */
export interface ModuleReference {
  readonly module: string
  /** What it exports the class as; null: its default export, or the only class it exports. */
  readonly exportName: string | null
}

export function parseModuleReference(text: string): ModuleReference {
  const at = text.lastIndexOf('#')
  if (at === -1) return { module: text, exportName: null }
  return { module: text.slice(0, at), exportName: text.slice(at + 1) || null }
}

/** False for names of Java classes, which no module can be: npm takes no capitals, and paths have slashes. */
export function isModuleReference(text: string): boolean {
  if (/[#/]/.test(text)) return true
  return text !== '' && !/[A-Z$\s]/.test(text)
}
