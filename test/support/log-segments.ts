/** The batches of a partition as they lie on a broker's disk: what no client shows. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { allCodecs } from './test-data.ts'

export interface StoredBatch {
  readonly baseOffset: bigint
  /** -1n for none. */
  readonly producerId: bigint
  readonly codec: (typeof allCodecs)[number]
  readonly recordCount: number
  /** Larger than `recordCount` where the cleaner has left gaps. */
  readonly offsetCount: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  /** Everything behind the header: compressed where the batch is. */
  readonly payload: Buffer
}

// Field offsets in a batch of magic 2, and the size of its header.
const batchLengthAt = 8
const attributesAt = 21
const lastOffsetDeltaAt = 23
const producerIdAt = 43
const recordCountAt = 57
const headerBytes = 61

/** In offset order, from the first broker's directory. */
export async function storedBatches(cluster: LocalCluster, topic: string, partition = 0): Promise<StoredBatch[]> {
  const dir = join(cluster.dir, 'node-1', 'data', `${topic}-${partition}`)
  const segments = (await readdir(dir)).filter((name) => name.endsWith('.log')).sort()
  const batches: StoredBatch[] = []
  for (const segment of segments) {
    const bytes = await readFile(join(dir, segment))
    for (let at = 0; at + headerBytes <= bytes.length;) {
      const end = at + batchLengthAt + 4 + bytes.readInt32BE(at + batchLengthAt)
      batches.push(parseBatch(bytes.subarray(at, end)))
      at = end
    }
  }
  return batches
}

function parseBatch(bytes: Buffer): StoredBatch {
  const attributes = bytes.readInt16BE(attributesAt)
  return {
    baseOffset: bytes.readBigInt64BE(0),
    producerId: bytes.readBigInt64BE(producerIdAt),
    codec: allCodecs[attributes & 7] ?? 'none',
    offsetCount: bytes.readInt32BE(lastOffsetDeltaAt) + 1,
    recordCount: bytes.readInt32BE(recordCountAt),
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    payload: bytes.subarray(headerBytes)
  }
}

/** Up to which offset the log cleaner has compacted a partition; 0 before its first run. */
export async function cleanedUpTo(cluster: LocalCluster, topic: string, partition = 0): Promise<bigint> {
  const text = await readFile(join(cluster.dir, 'node-1', 'data', 'cleaner-offset-checkpoint'), 'utf8').catch(() => '')
  const line = text.split('\n').find((entry) => entry.startsWith(`${topic} ${partition} `))
  return BigInt(line?.split(' ')[2] ?? 0)
}
