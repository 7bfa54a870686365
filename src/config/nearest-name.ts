/**
 * The candidate that a misspelt name most likely means: the one with the fewest edits, if they are few for its length, or one
 * that only continues the name. Undefined when nothing is near.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let fewest = Math.max(2, Math.floor(name.length / 5)) + 1
  for (const candidate of candidates) {
    const edits = candidate.startsWith(name) ? 1 : editDistance(name, candidate, fewest)
    if (edits >= fewest) continue
    fewest = edits
    nearest = candidate
  }
  return nearest
}

/** Insertions, deletions and substitutions between two texts; anything at `limit` or above may come back as `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substitution = (previous[column - 1] ?? limit) + (left[row - 1] === right[column - 1] ? 0 : 1)
      const insertion = (current[column - 1] ?? limit) + 1
      const deletion = (previous[column] ?? limit) + 1
      current.push(Math.min(substitution, insertion, deletion))
    }
    previous = current
  }
  return previous[right.length] ?? limit
}
