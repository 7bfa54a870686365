import { beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { readAll } from '../support/read-all.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { allCodecs, awkwardRecords, plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
let source: LocalCluster
let target: LocalCluster
let mirror: LocalMirror

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(), startCluster()])
  source = a
  target = b
  mirror = await startMirror(source, target)
}, clusterTimeoutMs)

async function arrives(topic: string): Promise<void> {
  const expected = await readAll(source, topic)
  await waitUntil(`A.${topic} has all records of ${topic}`, async () => {
    const seen = await readAll(target, `A.${topic}`)
    return count(seen) >= count(expected)
  })
  expect(await readAll(target, `A.${topic}`)).toEqual(expected)
}

const count = (partitions: Map<number, readonly unknown[]>): number =>
  [...partitions.values()].reduce((sum, records) => sum + records.length, 0)

test.each(allCodecs)('mirrors %s batches byte for byte', async (codec) => {
  const topic = `codec-${codec}`
  await produceRecords(source, topic, [...awkwardRecords(), ...plainRecords(2000, 200)], { compression: codec })
  await arrives(topic)
})

test('runs to a clean stop', async () => {
  expect((await mirror.log()).filter(({ level }) => level >= 50)).toEqual([])
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
})
