import { MirrorError } from '../../base/errors.ts'
import { checkChunk, decodeChunkKey } from './map-chunk.ts'
import { type PartitionMap } from './partition-map.ts'
import { ChunkReader, StoredChunks } from './stored-chunks.ts'
import { StoredPartitionMap } from './stored-partition-map.ts'

export interface OffsetMapOptions {
  /** Told once, for the first record that is malformed or of a newer version: it, and those like it, count as absent. */
  readonly onInvalid: (error: MirrorError) => void
}

interface Entry {
  readonly stored: StoredChunks
  readonly map: PartitionMap
}

/** All that an offset map topic says. Chunks stay encoded: some hundred bytes for a partition that is mirrored without gaps. */
export class OffsetMap {
  readonly #topics = new Map<string, Map<number, Entry>>()
  readonly #onInvalid: (error: MirrorError) => void
  readonly #reader = new ChunkReader((thrown) => {
    this.#report(thrown)
  })
  #hasReported = false

  constructor({ onInvalid }: OffsetMapOptions) {
    this.#onInvalid = onInvalid
  }

  /** Decodes the chunks that `stored` returns. */
  get reader(): ChunkReader {
    return this.#reader
  }

  /** One record of the topic. Never throws; what is kept is copied. */
  apply(key: Buffer | null, value: Buffer | null): void {
    if (key === null) return
    try {
      const { topic, partition, generation, number } = decodeChunkKey(key)
      const { stored } = this.#entry(topic, partition)
      // What cannot be read stands in for what it has replaced, as it will after compaction.
      stored.put(generation, number, null)
      if (value === null) return
      checkChunk(value)
      stored.put(generation, number, value)
    } catch (thrown) {
      this.#report(thrown)
    }
  }

  /** A live view: it follows what is applied later. Undefined: the topic says nothing of this source partition. */
  partition(topic: string, partition: number): PartitionMap | undefined {
    const entry = this.#topics.get(topic)?.get(partition)
    return entry === undefined || entry.stored.all.length === 0 ? undefined : entry.map
  }

  /** What a writer goes on from. */
  stored(topic: string, partition: number): StoredChunks | undefined {
    return this.#topics.get(topic)?.get(partition)?.stored
  }

  #entry(topic: string, partition: number): Entry {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map<number, Entry>()))
    let entry = partitions.get(partition)
    if (entry === undefined) {
      const stored = new StoredChunks()
      entry = { stored, map: new StoredPartitionMap(stored, this.#reader) }
      partitions.set(partition, entry)
    }
    return entry
  }

  #report(thrown: unknown): void {
    if (this.#hasReported || !(thrown instanceof MirrorError)) return
    this.#hasReported = true
    this.#onInvalid(thrown)
  }
}
