import { describe, expect, it } from 'vitest'
import { OffsetMap } from '../../../src/mirror-client/offset-map/offset-map.ts'
import { PartitionMapWriter } from '../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { OffsetSyncStore } from '../../../src/mirror-client/offset-sync-store.ts'
import { PositionTranslator } from '../../../src/mirror-client/position-translator.ts'

const targetTopicId = Buffer.alloc(16, 7)

/** Source offsets 0 to 19 are at the target where they are at the source. */
function mapped(): OffsetMap {
  const map = new OffsetMap({ onInvalid: () => undefined })
  const writer = new PartitionMapWriter(map, {
    ...{ topic: 'orders', partition: 0, sourceTopicId: null, targetTopicId },
    ...{ targetLogEnd: 0n, position: 0n, isFresh: true }
  })
  writer.mirrored(0n, 0n, 20)
  for (const { key, value } of writer.take()) map.apply(key, value)
  return map
}

function synced(upstreamOffset: bigint, downstreamOffset: bigint): OffsetSyncStore {
  const syncs = new OffsetSyncStore({ mustReadToEnd: false })
  syncs.apply({ topic: 'orders', partition: 0, upstreamOffset, downstreamOffset })
  syncs.loaded()
  return syncs
}

describe('PositionTranslator', () => {
  it.each([
    ['exactly what the map covers', 15n, { offset: 15n, exact: true }],
    ['exactly the end of what it covers', 20n, { offset: 20n, exact: true }],
    ['what lies past it by its end, when the syncs are no further', 25n, { offset: 20n, exact: false }],
    ['what lies past it by the syncs, when they are further', 40n, { offset: 131n, exact: false }]
  ])('translates %s', (_, position, expected) => {
    const translator = new PositionTranslator({ map: mapped(), syncs: synced(30n, 130n) })
    expect(translator.toTarget('orders', 0, position)).toEqual(expected)
  })

  it("goes by the reference's rule alone without a map", () => {
    const translator = new PositionTranslator({ map: undefined, syncs: synced(3n, 4n) })
    expect(translator.toTarget('orders', 0, 10n)).toEqual({ offset: 5n, exact: false })
    expect(translator.toTarget('orders', 0, 3n)).toEqual({ offset: 4n, exact: false })
    expect(translator.toTarget('orders', 0, 2n)).toBeUndefined()
    expect(translator.toTarget('orders', 1, 10n)).toBeUndefined()
    expect(translator.coveredTo('orders', 0)).toBeUndefined()
  })

  it('takes nothing from the map of a target topic that was created anew', () => {
    const translator = new PositionTranslator({
      map: mapped(),
      syncs: undefined,
      isReplaced: (topic, id) => topic === 'orders' && id.equals(targetTopicId)
    })
    expect(translator.toTarget('orders', 0, 15n)).toBeUndefined()
    expect(translator.coveredTo('orders', 0)).toBeUndefined()
  })
})
