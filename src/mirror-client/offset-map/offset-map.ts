import { type MirrorError } from '../../base/errors.ts'
import { type PartitionMap } from './partition-map.ts'

export interface OffsetMapOptions {
  /** Told once, for the first record that is malformed or of a newer version: it, and those like it, count as absent. */
  readonly onInvalid: (error: MirrorError) => void
}

/** All that an offset map topic says. */
export class OffsetMap {
  constructor(_options: OffsetMapOptions) {
    // To come.
  }

  /** One record of the topic. Never throws; key and value are copied where they are kept. */
  apply(_key: Buffer | null, _value: Buffer | null): void {
    // To come.
  }

  /** A live view: it follows what is applied later. Undefined: the topic says nothing of this source partition. */
  partition(_topic: string, _partition: number): PartitionMap | undefined {
    return undefined
  }
}
