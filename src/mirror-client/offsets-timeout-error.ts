import { MirrorError } from '../base/errors.ts'
import { type RemoteOffsets } from './remote-offsets.ts'

/** The time was not enough to read the checkpoints to their end. */
export class OffsetsTimeoutError extends MirrorError {
  /**
   * What had been read, by group: every position is safe to go on from (none is ahead of the group's commit at that time), but
   * newer checkpoints, and whole groups, may be missing.
   */
  readonly partial: ReadonlyMap<string, RemoteOffsets>

  constructor(cause: MirrorError, partial: ReadonlyMap<string, RemoteOffsets>) {
    super('MIRROR_TIMEOUT', cause.message, { retriable: true, cause })
    this.partial = partial
  }
}
