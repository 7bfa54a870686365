/** The copy of mm2.properties that the demo runs: the shipped file, with other values for a few keys. */

/** Replaces each key's line, or adds one where the file has none that is not commented out. */
export function runningCopy(shipped: string, values: Readonly<Record<string, string>>): string {
  const lines = shipped.replace(/\n$/, '').split('\n')
  for (const [key, value] of Object.entries(values)) {
    const at = lines.findIndex((line) => line.split(/[=:]/, 1)[0]?.trim() === key)
    const line = `${key} = ${value}`
    if (at === -1) lines.push(line)
    else lines[at] = line
  }
  return `${lines.join('\n')}\n`
}
