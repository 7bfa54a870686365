import { type MirroredCluster } from '../mirror-client/mirrored-cluster.ts'
import { type RemoteOffset } from '../mirror-client/remote-offsets.ts'
import { type TargetCluster } from '../mirror-client/target-cluster.ts'
import { type RemoteOffsetMap } from '../mirror-client/remote-offset-map.ts'
import { MirrorError } from '../base/errors.ts'
import { type TranslateCommand } from './mm2-command-line.ts'
import { type JsonFields, jsonLine } from './mm2-printing.ts'

export interface TranslationRow extends RemoteOffset {
  /** How many records would be read again, at most; none where the position is exact. Null: the log's end is not known. */
  readonly reRead: bigint | null
}

interface TranslationInput {
  readonly cluster: TargetCluster
  readonly mirrored: MirroredCluster
  readonly timeoutMs: number
}

/**
 * Where the group goes on, by partition; empty where it has no checkpoints.
 * @throws MirrorError MIRROR_NO_CHECKPOINTS and others of MirrorClient
 */
export async function translateGroup(
  { group, route }: Pick<TranslateCommand, 'group' | 'route'>,
  { cluster, mirrored, timeoutMs }: TranslationInput
): Promise<TranslationRow[]> {
  const offsets = [...(await mirrored.offsetsOfGroup(group, route.source, timeoutMs))]
  const ends = await cluster.logEnds(offsets, cluster.deadlineIn(timeoutMs))
  const isAllExact = offsets.every(({ exact }) => exact)
  const map = isAllExact ? undefined : await mapOf(mirrored, route.source, timeoutMs)
  return offsets.map((offset, index) => ({ ...offset, reRead: mostReRead(offset, ends[index] ?? -1n, map) }))
}

async function mapOf(
  mirrored: MirroredCluster,
  alias: string,
  timeoutMs: number
): Promise<RemoteOffsetMap | undefined> {
  try {
    return await mirrored.offsetMap(alias, timeoutMs)
  } catch (thrown) {
    const isToDoWithout =
      thrown instanceof MirrorError && ['MIRROR_NO_OFFSET_MAP', 'MIRROR_AUTHORIZATION'].includes(thrown.code)
    if (isToDoWithout) return undefined
    throw thrown
  }
}

/** Bounded by what the partition holds from there on, and by what the source has between there and the group's commit. */
function mostReRead(offset: RemoteOffset, logEnd: bigint, map: RemoteOffsetMap | undefined): bigint | null {
  if (offset.exact) return 0n
  const back = map?.translateOffsetBack(offset.topic, offset.partition, offset.offset)
  const inLog = logEnd < 0n ? undefined : least(logEnd - offset.offset)
  const atSource = back === undefined ? undefined : least(offset.upstreamOffset - back.offset)
  if (inLog === undefined) return atSource ?? null
  return atSource === undefined || inLog < atSource ? inLog : atSource
}

function least(count: bigint): bigint {
  return count < 0n ? 0n : count
}

/** A table, or a JSON object a line. */
export function translationLines(rows: readonly TranslationRow[], json: boolean): string[] {
  if (json) return rows.map((row) => jsonLine(fieldsOf(row)))
  const cells = rows.map(({ topic, partition, upstreamOffset, offset, exact, reRead }) => [
    ...[topic, String(partition), String(upstreamOffset), String(offset)],
    ...[exact ? 'exact' : 'conservative', exact ? '0' : reRead === null ? 'unknown' : `<=${reRead}`]
  ])
  const table = [['TOPIC', 'PARTITION', 'UPSTREAM', 'DOWNSTREAM', 'TRANSLATION', 'READ-AGAIN'], ...cells]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}

function fieldsOf({ topic, partition, upstreamOffset, offset, exact, reRead, metadata }: TranslationRow): JsonFields {
  return { topic, partition, upstreamOffset, downstreamOffset: offset, exact, mostReRead: reRead, metadata }
}
