/** Where tasks go on: what a route has stored of the source connector's positions, whichever program wrote it. */
import { expect } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { type OffsetRange } from './invariants.ts'
import { waitUntil } from './wait-until.ts'

/** Everything ever stored of each partition's position, in order. */
export type StoredPositions = ReadonlyMap<number, readonly bigint[]>

/** @param alias of the source */
export async function storedPositions(target: LocalCluster, alias: string, topic: string): Promise<StoredPositions> {
  const positions = new Map<number, bigint[]>()
  for (const { key, value } of await readTopic(target, `mm2-offsets.${alias}.internal`)) {
    const [, fields] = JSON.parse(String(key)) as [string, { partition: number; topic: string }]
    if (fields.topic !== topic) continue
    const { offset } = JSON.parse(String(value)) as { offset: number }
    positions.set(fields.partition, [...(positions.get(fields.partition) ?? []), BigInt(offset)])
  }
  return positions
}

/** Waits until so many partitions have one: a task that finds none begins at the start of the log. */
export async function untilPositionsOf(
  partitions: number,
  ...where: Parameters<typeof storedPositions>
): Promise<void> {
  await waitUntil(
    `positions of ${partitions} partitions are stored`,
    async () => (await storedPositions(...where)).size === partitions,
    { timeoutMs: 60_000, intervalMs: 200 }
  )
}

/** Repeats begin where somebody read the stored positions: right after one of them. */
export function expectRepeatsAfter(positions: StoredPositions, replays: readonly OffsetRange[]): void {
  for (const { partition, fromOffset } of replays) expect(positions.get(partition)).toContain(fromOffset - 1n)
}
