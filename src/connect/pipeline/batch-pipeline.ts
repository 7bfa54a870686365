import { type SourceBatch } from '../source-batch.ts'

/** What happens to batches between a source task and the producer: transforms, converters, tolerated errors (spec 4.4, 4.8). */
export interface BatchPipeline {
  /**
   * The batches that go to the producer instead of `batches`, in order per source partition. Ownership passes: an input that
   * is not in the output, nor behind a part of it, has been released. Calls must not overlap.
   *
   * A record that fails beyond `errors.tolerance` rejects with MirrorError MIRROR_CONVERSION, once what came before its
   * batch is delivered: the call returns that, and the next one rejects.
   */
  apply(batches: readonly SourceBatch[]): Promise<readonly SourceBatch[]>
  /** Ends the plug-ins, once. */
  close(): void
}
