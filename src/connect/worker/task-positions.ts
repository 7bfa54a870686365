import { type SourcePartition } from '../source-batch.ts'
import { type OffsetStore } from '../storage/offset-store.ts'
import { type SourceOffsetStore } from './offset-committer.ts'
import { type CommittableOffset } from './submitted-batches.ts'

/**
 * The stored positions of one task, as it was told them or stored them last. Worker 1 is cut off, worker 2 runs the task and
 * stops, 1 is back: were 1 to go on from where it was, it would mirror again what 2 has mirrored, and store older positions.
 */
export class TaskPositions implements SourceOffsetStore {
  readonly #store: Pick<OffsetStore, 'get' | 'put'>
  readonly #connector: string
  readonly #known = new Map<SourcePartition, bigint | undefined>()

  constructor(store: Pick<OffsetStore, 'get' | 'put'>, connector: string) {
    this.#store = store
    this.#connector = connector
  }

  async get(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]> {
    const offsets = await this.#store.get(this.#connector, partitions)
    for (const [index, partition] of partitions.entries()) this.#known.set(partition, offsets[index])
    return offsets
  }

  async put(entries: readonly CommittableOffset[]): Promise<void> {
    await this.#store.put(this.#connector, entries)
    for (const { partition, offset } of entries) this.#known.set(partition, offset)
  }

  /** Whether what is stored is not what this task knows; also after a write of its own that it was not told the end of. */
  async areChanged(): Promise<boolean> {
    const known = [...this.#known]
    const stored = await this.#store.get(
      this.#connector,
      known.map(([partition]) => partition)
    )
    return known.some(([, offset], index) => stored[index] !== offset)
  }
}
