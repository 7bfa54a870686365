import { beforeAll, describe, expect, test } from 'vitest'
import { runJavaClass } from '../../dev/local-kafka/java-class.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { mirrorProxy } from '../support/mirror-proxy.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const proxies = { source: mirrorProxy(), target: mirrorProxy() }
/** By default a burst of 11 s' worth is let through at first. */
const shortQuotaWindow = { 'quota.window.num': '2' }
let pair: MirroredPair

beforeAll(async () => {
  const { clusterOptions } = proxies.target
  pair = await startPair(proxies.source.clusterOptions, { ...clusterOptions, settings: shortQuotaWindow })
}, clusterTimeoutMs)

/** Warnings and news of clusters that are away or back, in order. */
async function reachability(mirror: LocalMirror): Promise<string[]> {
  const messages = (await mirror.log()).map(({ msg }) => msg)
  return messages.filter((message) => /reach/.test(message)).map((message) => message.replace(/ at .*/, ''))
}

describe('a cluster that cannot be reached', () => {
  test('is waited for at start, with one warning, and mirrored once it is there', async () => {
    const { source, target } = pair
    await produceRecords(source, 'patience', plainRecords(100))
    await Promise.all([proxies.source.tcp.refuse(), proxies.target.tcp.refuse()])
    const properties = {
      ...{ 'tasks.max': '2', topics: 'patience' },
      'A.bootstrap.servers': proxies.source.bootstrapServers,
      'B.bootstrap.servers': proxies.target.bootstrapServers
    }
    const mirror = await startMirror(source, target, properties, { logLevel: 'debug' })
    const attempts = async (cluster: string): Promise<number> => {
      const failures = (await mirror.log()).filter(({ msg }) => msg === 'Metadata refresh failed')
      return failures.filter((line) => line['cluster'] === cluster).length
    }
    const away = (alias: string): string => `No broker of cluster ${alias} can be reached`
    const back = (alias: string): string => `Cluster ${alias} is reachable again`
    // The group is on the target: until it has given out the work, nobody asks for the source.
    await waitUntil('it has tried the target often', async () => (await attempts('B')) > 5)
    await proxies.target.tcp.resume()
    await waitUntil('it has tried the source often', async () => (await attempts('A')) > 5, { timeoutMs: 60_000 })
    await proxies.source.tcp.resume()
    await pair.expectMirrored(['patience'])
    expect(await reachability(mirror)).toEqual([away('B'), back('B'), away('A'), back('A')])
    expect(mirror.running).toBe(true)
    mirror.signal('SIGINT')
    expect(await mirror.exited).toEqual({ code: 0, signal: null })
  })
})

describe('a producer quota of the target', () => {
  const bytesPerSecond = 400_000
  const quota = async (change: string): Promise<void> => {
    const entity = ['--entity-type', 'clients', '--entity-name', 'connector-producer-MirrorSourceConnector-0']
    const server = ['--bootstrap-server', pair.target.bootstrapServers]
    await runJavaClass(pair.target.jars, 'kafka.admin.ConfigCommand', [
      ...server,
      '--alter',
      ...entity,
      ...change.split(' ')
    ])
  }

  test('slows down the client id of the reference, and loses nothing', async () => {
    const { source, target } = pair
    await produceRecords(source, 'slowly', plainRecords(4_000, 1_000))
    await quota(`--add-config producer_byte_rate=${bytesPerSecond}`)
    const startedAt = Date.now()
    const mirror = await startMirror(source, target, { topics: 'slowly' }, { aliases: ['C', 'D'] })
    await pair.arrived('C.slowly', 4_000)
    const seconds = (Date.now() - startedAt) / 1_000
    // 4 MB, of which the first window may take what comes.
    expect(seconds).toBeGreaterThan(5)
    await quota('--delete-config producer_byte_rate')
    await produceRecords(source, 'slowly', plainRecords(1_000, 1_000))
    await pair.expectMirrored(['slowly'], { remoteName: (topic) => `C.${topic}` })
    expect(await complaints(mirror)).toEqual([])
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  })
})
