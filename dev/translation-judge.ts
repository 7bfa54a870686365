/**
 * What a consumer that fails over gets, held against what it had read: the judge of every offset translation, whoever made
 * it. Records are known by their content, since offsets differ between the clusters.
 */
export interface LogEntry<Identity> {
  readonly offset: bigint
  /** No two records of the source partition have the same. */
  readonly identity: Identity
}

/** A group has read everything before `upstreamOffset` of a source partition and goes on at `downstreamOffset` of the target's. */
export interface TranslatedPosition {
  readonly upstreamOffset: bigint
  readonly downstreamOffset: bigint
}

export interface Judgement {
  /** Records not read yet that the consumer gets. */
  readonly goneOn: number
  /** Records not read yet that the target has, and that the consumer never gets. */
  readonly skipped: number
  /** Records read before that the consumer gets again. */
  readonly reRead: number
  /** What the consumer gets more than once because the target holds it more than once, e.g. after a crash of the mirror. */
  readonly duplicates: number
  /** Records not read yet that the target has not got (yet). */
  readonly notMirrored: number
}

/**
 * Both logs are of one partition, in order. The source's must hold every record that was ever mirrored: one that has been
 * compacted away since counts as not known.
 */
export function judgeTranslation<Identity>(
  source: readonly LogEntry<Identity>[],
  target: readonly LogEntry<Identity>[],
  { upstreamOffset, downstreamOffset }: TranslatedPosition
): Judgement {
  const received = new Set<Identity>()
  const passedOver = new Set<Identity>()
  let duplicates = 0
  for (const { offset, identity } of target) {
    if (offset < downstreamOffset) passedOver.add(identity)
    else if (received.has(identity)) duplicates++
    else received.add(identity)
  }
  const counts = { goneOn: 0, skipped: 0, reRead: 0, notMirrored: 0 }
  for (const { offset, identity } of source) {
    const isRead = offset < upstreamOffset
    if (received.has(identity)) counts[isRead ? 'reRead' : 'goneOn']++
    else if (!isRead) counts[passedOver.has(identity) ? 'skipped' : 'notMirrored']++
  }
  return { ...counts, duplicates }
}
