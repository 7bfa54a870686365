const seed = 0x9747b28c
const multiplier = 0x5bd1e995
const rotation = 24

/**
 * MurmurHash2 as Kafka's default partitioner computes it: signed 32-bit result, little-endian words. A key must land in
 * the partition where a Java producer puts it, or two live copies of it survive compaction.
 */
export function murmur2(data: Uint8Array): number {
  const wordsEnd = data.length & ~3
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  let hash = seed ^ data.length
  for (let at = 0; at < wordsEnd; at += 4) {
    let word = Math.imul(view.getInt32(at, true), multiplier)
    word ^= word >>> rotation
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const tail = data.length - wordsEnd
  if (tail > 0) {
    for (let index = tail - 1; index >= 0; index--) hash ^= view.getUint8(wordsEnd + index) << (8 * index)
    hash = Math.imul(hash, multiplier)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}

/** The partition of a record with this key in a topic of `partitionCount` partitions, as Java's producer chooses it. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}
