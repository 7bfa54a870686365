import { isSameTopicId } from '../../client/topic-id.ts'
import { type ClosedChunk } from './chunk-outbox.ts'
import { type Pass, partOf, passesOf, type TopicIds } from './map-passes.ts'
import { type OffsetMap } from './offset-map.ts'
import { type StoredChunk } from './stored-chunks.ts'

/** What a writer goes on from. */
export interface MapResumption {
  /** Of the writer. */
  readonly generation: number
  /** All that are stored, and those of them that say nothing any more. */
  readonly chunks: readonly ClosedChunk[]
  readonly unused: ReadonlySet<ClosedChunk>
  /** Oldest first; of the topics that there are now, and of records that the target still has. */
  readonly passes: readonly Pass[]
  /** Where the records of another source topic end on the target; undefined: there are none. */
  readonly voidEnd: bigint | undefined
  /** What is stored tells more than the target has. */
  readonly isLost: boolean
}

export interface MapPlace {
  readonly topic: string
  readonly partition: number
  readonly ids: TopicIds
  readonly targetLogEnd: bigint
}

/** @param map has been read to its end */
export function resumptionOf(map: OffsetMap, { topic, partition, ids, targetLogEnd }: MapPlace): MapResumption {
  const stored = map.stored(topic, partition)
  const all = stored?.all ?? []
  const chunks = all.map((chunk): ClosedChunk => {
    const { generation, number } = chunk
    const { parts } = map.reader.summary(chunk)
    return { generation, number, d: parts[0]?.d ?? 0n, dEnd: parts.at(-1)?.dEnd ?? 0n }
  })
  const passes = passesOf(all, map.reader, { ids, targetLogEnd })
  const passCount = passes.length
  while (hasLostEnd(passes.at(-1), map, targetLogEnd)) passes.pop()
  const used = new Set<StoredChunk | undefined>(passes.flatMap(({ pieces }) => pieces.map(({ chunk }) => chunk)))
  return {
    generation: (stored?.newestGeneration ?? -1) + 1,
    chunks,
    unused: new Set(chunks.filter((_chunk, index) => !used.has(all[index]))),
    passes: passes.filter(({ isVoid }) => !isVoid),
    voidEnd: voidEndOf(passes, all.at(-1), map, ids.targetTopicId),
    isLost: passes.length < passCount || chunks.some(({ dEnd }) => dEnd > targetLogEnd)
  }
}

function voidEndOf(
  passes: readonly Pass[],
  newest: StoredChunk | undefined,
  map: OffsetMap,
  targetTopicId: Buffer | null
): bigint | undefined {
  if (newest === undefined) return undefined
  return isSameTopicId(map.reader.summary(newest).targetTopicId, targetTopicId) ? passes.at(-1)?.dEnd : undefined
}

/** Nobody knows where its newest records are, and the target's log has no room for them: it has lost them. */
function hasLostEnd(pass: Pass | undefined, map: OffsetMap, targetLogEnd: bigint): boolean {
  const piece = pass?.pieces.at(-1)
  if (pass === undefined || pass.isVoid || piece === undefined) return false
  const segments = partOf(piece, map.reader)?.segments ?? []
  let unplaced = 0
  for (let index = segments.length - 1; index >= 0; index--) {
    const { run, hole, reason } = segments[index] ?? { run: 1, hole: 0, reason: 'marker' }
    if (reason === 'unknown') unplaced += hole
    if (run > 0) break
  }
  return targetLogEnd < pass.dEnd + BigInt(unplaced)
}
