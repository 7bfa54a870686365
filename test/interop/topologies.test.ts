/** More than one route: what is mirrored onwards and what is not, hop by hop, and where groups go on in either direction. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { commitPositions, committedPositions } from '../../dev/group-positions.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { LocalMirror } from '../../dev/local-mirror.ts'
import { MirrorClient } from '../../src/mirror-client/mirror-client.ts'
import { type ClusterAdmin, clusterAdmins } from '../support/cluster-admin.ts'
import { complaints } from '../support/mirror-pair.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters, temporaryDirectories } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const connectAdmin = clusterAdmins()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()
const testTimeoutMs = 180_000
const patience = { timeoutMs: 60_000, intervalMs: 200 }

interface Site {
  readonly cluster: LocalCluster
  readonly admin: ClusterAdmin
}

let sites: readonly Site[]

beforeAll(async () => {
  const clusters = await Promise.all([startCluster(), startCluster(), startCluster()])
  sites = await Promise.all(clusters.map(async (cluster) => ({ cluster, admin: await connectAdmin(cluster) })))
}, clusterTimeoutMs)

/** One process for all routes; every topology has aliases and topics of its own. */
class Topology {
  readonly #sites: ReadonlyMap<string, Site>
  readonly #mirror: LocalMirror

  private constructor(named: ReadonlyMap<string, Site>, mirror: LocalMirror) {
    this.#sites = named
    this.#mirror = mirror
  }

  static async start(aliases: readonly string[], routes: readonly string[], topics: string): Promise<Topology> {
    const named = new Map(aliases.map((alias, index) => [alias, siteAt(index)]))
    const factors = ['', 'offset.storage.', 'config.storage.', 'status.storage.']
    const topicFactors = ['offset-syncs', 'checkpoints', 'heartbeats'].map((name) => `${name}.topic.`)
    const properties = {
      clusters: aliases.join(),
      topics,
      'refresh.topics.interval.seconds': '1',
      'refresh.groups.interval.seconds': '1',
      'emit.checkpoints.interval.seconds': '1',
      'sync.group.offsets.enabled': 'true',
      'sync.group.offsets.interval.seconds': '1',
      ...Object.fromEntries([...factors, ...topicFactors].map((prefix) => [`${prefix}replication.factor`, '1'])),
      ...Object.fromEntries(
        [...named].map(([alias, { cluster }]) => [`${alias}.bootstrap.servers`, cluster.bootstrapServers])
      ),
      ...Object.fromEntries(routes.map((route) => [`${route}.enabled`, 'true']))
    }
    const propertiesFile = join(await temporaryDirectory(), 'mm2.properties')
    const mirror = await LocalMirror.start({ propertiesFile, properties })
    register(() => mirror.kill())
    return new Topology(named, mirror)
  }

  async produce(alias: string, topic: string, count: number): Promise<void> {
    await produceRecords(this.#site(alias).cluster, topic, plainRecords(count))
  }

  async arrives(alias: string, topic: string, count: number): Promise<void> {
    const { admin } = this.#site(alias)
    await waitUntil(
      `${alias} has ${count} records of ${topic}`,
      async () => {
        const seen = await admin.offsetCount(topic)
        if (seen !== count) throw new Error(`there are ${seen}`)
        return true
      },
      patience
    )
  }

  async groupReads(alias: string, group: string, topic: string, offset: bigint): Promise<void> {
    await commitPositions(this.#site(alias).cluster, group, [{ topic, partition: 0, offset }])
  }

  /** By group sync. */
  async groupIsAt(alias: string, group: string, topic: string, offset: bigint): Promise<void> {
    await waitUntil(
      `${group} is at ${offset} of ${topic} on ${alias}`,
      async () => {
        const positions = await committedPositions(this.#site(alias).cluster, group)
        const seen = positions.find((one) => one.topic === topic)?.offset
        if (seen !== offset) throw new Error(`it is at ${seen}`)
        return true
      },
      patience
    )
  }

  async hops(alias: string, upstream: string): Promise<number> {
    const client = new MirrorClient({ 'bootstrap.servers': this.#site(alias).cluster.bootstrapServers })
    try {
      return await client.replicationHops(upstream)
    } finally {
      await client.close()
    }
  }

  /** Of a cluster, those that some name occurs in. */
  async topics(alias: string, name: string): Promise<string[]> {
    const isOurs = (topic: string): boolean => topic === name || topic.endsWith(`.${name}`)
    return (await this.#site(alias).admin.topics()).filter(isOurs)
  }

  async stopCleanly(): Promise<void> {
    expect(await this.#mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await complaints(this.#mirror)).toEqual([])
  }

  #site(alias: string): Site {
    const site = this.#sites.get(alias)
    if (site === undefined) throw new Error(`there is no cluster ${alias}`)
    return site
  }
}

function siteAt(index: number): Site {
  const site = sites[index]
  if (site === undefined) throw new Error(`there is no cluster ${index}`)
  return site
}

describe('topologies', () => {
  test(
    'active-active: each has the other one’s topics, no record comes back, and groups go on in both directions',
    async () => {
      for (const site of [0, 1]) await siteAt(site).admin.createTopic('orders')
      const both = await Topology.start(['east', 'west'], ['east->west', 'west->east'], 'orders')
      await both.produce('east', 'orders', 300)
      await both.produce('west', 'orders', 200)
      await both.groupReads('east', 'easterners', 'orders', 123n)
      await both.groupReads('west', 'westerners', 'orders', 77n)
      await both.arrives('west', 'east.orders', 300)
      await both.arrives('east', 'west.orders', 200)
      await both.groupIsAt('west', 'easterners', 'east.orders', 123n)
      await both.groupIsAt('east', 'westerners', 'west.orders', 77n)
      await both.produce('east', 'orders', 10)
      await both.arrives('west', 'east.orders', 310)
      expect(await both.topics('east', 'orders')).toEqual(['orders', 'west.orders'])
      expect(await both.topics('west', 'orders')).toEqual(['east.orders', 'orders'])
      for (const [alias, count] of [
        ['east', 310],
        ['west', 200]
      ] as const)
        await both.arrives(alias, 'orders', count)
      expect([await both.hops('west', 'east'), await both.hops('east', 'west')]).toEqual([1, 1])
      await both.stopCleanly()
    },
    testTimeoutMs
  )

  test(
    'a ring of three: every topic goes round once, two hops are two, and groups go on along the ring',
    async () => {
      const aliases = ['x', 'y', 'z'] as const
      for (const site of [0, 1, 2]) await siteAt(site).admin.createTopic('ring')
      const ring = await Topology.start(aliases, ['x->y', 'y->z', 'z->x'], '.*ring')
      for (const [index, alias] of aliases.entries()) await ring.produce(alias, 'ring', 100 + index)
      await ring.groupReads('x', 'riders', 'ring', 40n)
      await ring.arrives('y', 'x.ring', 100)
      await ring.arrives('z', 'y.x.ring', 100)
      await ring.arrives('x', 'z.y.ring', 101)
      await ring.arrives('y', 'x.z.ring', 102)
      await ring.groupIsAt('y', 'riders', 'x.ring', 40n)
      await ring.groupIsAt('z', 'riders', 'y.x.ring', 40n)
      expect(await ring.topics('x', 'ring')).toEqual(['ring', 'z.ring', 'z.y.ring'])
      expect(await ring.topics('y', 'ring')).toEqual(['ring', 'x.ring', 'x.z.ring'])
      expect(await ring.topics('z', 'ring')).toEqual(['ring', 'y.ring', 'y.x.ring'])
      for (const [index, alias] of aliases.entries()) await ring.arrives(alias, 'ring', 100 + index)
      await waitUntil('heartbeats have gone two hops', async () => (await ring.hops('z', 'x')) === 2, patience)
      expect([await ring.hops('y', 'x'), await ring.hops('z', 'y'), await ring.hops('x', 'x')]).toEqual([1, 1, -1])
      await ring.stopCleanly()
    },
    testTimeoutMs
  )

  test(
    'hub and spokes: the hub has all, a spoke gets the others’ by way of the hub and its own never back',
    async () => {
      for (const site of [0, 1]) await siteAt(site).admin.createTopic('sales')
      const routes = ['north->hub', 'south->hub', 'hub->north', 'hub->south']
      const star = await Topology.start(['north', 'south', 'hub'], routes, '.*sales')
      await star.produce('north', 'sales', 150)
      await star.produce('south', 'sales', 50)
      await star.groupReads('north', 'sellers', 'sales', 20n)
      await star.arrives('hub', 'north.sales', 150)
      await star.arrives('hub', 'south.sales', 50)
      await star.arrives('south', 'hub.north.sales', 150)
      await star.arrives('north', 'hub.south.sales', 50)
      await star.groupIsAt('hub', 'sellers', 'north.sales', 20n)
      await star.groupIsAt('south', 'sellers', 'hub.north.sales', 20n)
      expect(await star.topics('north', 'sales')).toEqual(['hub.south.sales', 'sales'])
      expect(await star.topics('south', 'sales')).toEqual(['hub.north.sales', 'sales'])
      expect(await star.topics('hub', 'sales')).toEqual(['north.sales', 'south.sales'])
      await waitUntil('heartbeats have gone two hops', async () => (await star.hops('south', 'north')) === 2, patience)
      expect([await star.hops('hub', 'north'), await star.hops('hub', 'south')]).toEqual([1, 1])
      await star.stopCleanly()
    },
    testTimeoutMs
  )
})
