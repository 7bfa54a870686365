/** Java's String.hashCode. */
function stringHash(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

/**
 * Names in the order in which a Java HashMap of them iterates, which is the order in which Connect writes the members of
 * a source partition: by bucket, and within one in the order given. The table has 16 buckets and doubles when more than
 * three quarters full.
 */
export function javaMapOrder(names: readonly string[]): string[] {
  let buckets = 16
  while (names.length > buckets * 0.75) buckets *= 2
  const bucketOf = (name: string): number => {
    const hash = stringHash(name)
    return (hash ^ (hash >>> 16)) & (buckets - 1)
  }
  return names.toSorted((a, b) => bucketOf(a) - bucketOf(b))
}
