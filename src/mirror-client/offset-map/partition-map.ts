/** A position on the other cluster. */
export interface Translation {
  /** Where a consumer goes on: offset of the next record that it has not seen. */
  readonly offset: bigint
  /**
   * True: precisely the next record that was not seen, none again and none left out. False: the nearest position known that
   * leaves out none.
   */
  readonly exact: boolean
}

/** Why source offsets between two runs have no record on the target. */
export const holeReasons = [
  /** Transaction markers, and records of aborted transactions where the mirror reads committed ones only. */
  'marker',
  /** Offsets that the source log holds no record at: it was compacted, or a batch was left without records. */
  'compaction',
  /** A transformation dropped the records. */
  'filtered',
  /** The source deleted them before they were mirrored. */
  'retention',
  /** The source topic was deleted and created again, or lost the end of its log. */
  'recreated',
  /** What had been mirrored already was mirrored again, from an earlier position on. */
  'replay',
  /** The target refused them for good. */
  'refused',
  /** Not known what became of them: somebody else may have mirrored them. Never jumped over. */
  'unknown'
] as const

export type HoleReason = (typeof holeReasons)[number]

/** Source offsets `[from, to)` that are not on the target. */
export interface Hole {
  readonly from: bigint
  readonly to: bigint
  readonly reason: HoleReason
}

/** Which position on the target belongs to which of one source partition. Positions are those of the next record to read. */
export interface PartitionMap {
  /** Of the target topic that the newest pass was written to: a topic with another id makes the map void. Null: brokers without ids. */
  readonly targetTopicId: Buffer | null
  /** Up to here (exclusive) it is known what became of every source offset, as far as the newest pass has come. */
  readonly coveredTo: bigint
  /** Undefined: this map says nothing of such positions (they are before its start). Never ahead of the truth. */
  toTarget(sourcePosition: bigint): Translation | undefined
  /** The way back. Undefined: not covered. Never ahead of the truth. */
  toSource(targetPosition: bigint): Translation | undefined
  /** The ledger: what is not on the target, and why. In the order of source offsets, oldest pass first. */
  holes(): Iterable<Hole>
}
