import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { probeBroker } from '../../dev/local-kafka/broker-probe.ts'
import { kafkaJars } from '../../dev/local-kafka/kafka-jars.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { processUsage } from '../../dev/local-kafka/process-usage.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { readAll } from '../support/read-all.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters, temporaryDirectories } from '../support/real-cluster.ts'
import { BrokerProxies } from '../support/tcp-proxy.ts'
import { allCodecs, awkwardRecords, plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()

function quietKafka(config: Omit<KafkaConfig, 'logLevel'>): Kafka {
  return new Kafka({ ...config, logLevel: logLevel.NOTHING, connectionTimeout: 5_000 })
}

/** False for a zombie too: nobody may be there to bury it. */
async function isAlive(pid: number): Promise<boolean> {
  return await processUsage(pid).then(
    () => true,
    () => false
  )
}

describe('a cluster of one broker', () => {
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, clusterTimeoutMs)

  it('runs the newest version by default', () => {
    if (process.env['KAFKA_HOME'] === undefined) expect(cluster.version).toBe('4.3.1')
  })

  it('keeps data and ports when the broker is killed and started again, and when it is stopped', async () => {
    const broker = cluster.broker(1)
    await produceRecords(cluster, 'kept', awkwardRecords())
    const before = await readAll(cluster, 'kept')
    expect(before.get(0)).toHaveLength(awkwardRecords().length)
    for (const end of ['kill', 'stop'] as const) {
      const { pid } = broker
      await broker[end]()
      expect(await isAlive(pid)).toBe(false)
      expect(await probeBroker(broker.endpoint().port)).toBeUndefined()
      await broker.start()
      expect(await readAll(cluster, 'kept')).toEqual(before)
    }
  }, 60_000)

  it('is silent while the broker is paused and answers when it is resumed', async () => {
    const broker = cluster.broker(1)
    broker.pause()
    expect(await probeBroker(broker.endpoint().port, 300)).toBeUndefined()
    broker.resume()
    await waitUntil('the resumed broker answers', async () => await probeBroker(broker.endpoint().port))
  })

  it('fails to read a topic that does not exist', async () => {
    await expect(readAll(cluster, 'absent')).rejects.toThrow(/there is no topic absent/)
  })

  it('reads what transactions committed, and with read_uncommitted what they aborted or left open', async () => {
    const ends = { commit: 3, abort: 2, leave: 1 } as const
    for (const end of ['commit', 'abort', 'leave'] as const) {
      await produceRecords(cluster, 'tx', plainRecords(ends[end]), { transaction: { id: `tx-${end}`, end } })
    }
    const committed = await readAll(cluster, 'tx', { 'isolation.level': 'read_committed' })
    expect(committed.get(0)?.map((record) => record.key)).toEqual(['0', '1', '2'])
    expect((await readAll(cluster, 'tx')).get(0)).toHaveLength(6)
  }, 60_000)

  it('reports the CPU time and memory of a broker', async () => {
    const usage = await processUsage(cluster.broker(1).pid)
    expect(usage.cpuSeconds).toBeGreaterThan(0.1)
    expect(usage.peakRssBytes).toBeGreaterThanOrEqual(usage.rssBytes)
    expect(usage.rssBytes).toBeGreaterThan(50 * 1024 * 1024)
  })
})

describe('without what is needed', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('names Java where it cannot be run', async () => {
    vi.stubEnv('PATH', '/nowhere')
    vi.stubEnv('JAVA_HOME', '')
    await expect(startCluster()).rejects.toMatchObject({ code: 'JAVA_MISSING' })
  })

  it('names Maven where it cannot be run and the jars are not in the cache', async () => {
    vi.stubEnv('PATH', '/nowhere')
    vi.stubEnv('KAFKA_HOME', '')
    vi.stubEnv('KAFKA_CACHE', await temporaryDirectory())
    await expect(kafkaJars()).rejects.toMatchObject({ code: 'MAVEN_MISSING' })
  })

  it('says that KAFKA_HOME holds no Kafka', async () => {
    vi.stubEnv('KAFKA_HOME', await temporaryDirectory())
    await expect(kafkaJars()).rejects.toThrow(/KAFKA_HOME=.* has no libs/)
  })
})

it('takes the jars of KAFKA_HOME for the version that it holds, and no other', async () => {
  const home = await temporaryDirectory()
  await mkdir(join(home, 'libs'))
  await writeFile(join(home, 'libs', 'kafka-clients-9.9.9.jar'), '')
  vi.stubEnv('KAFKA_HOME', home)
  try {
    expect(await kafkaJars()).toMatchObject({ version: '9.9.9', classPath: join(home, 'libs', '*') })
    expect((await kafkaJars('4.3.1')).classPath).not.toContain(home)
  } finally {
    vi.unstubAllEnvs()
  }
})

it('puts the end of the broker log into the error when a broker does not start', async () => {
  const start = startCluster({ settings: { 'metric.reporters': 'no.such.Reporter' } })
  await expect(start).rejects.toMatchObject({ name: 'LocalKafkaError', code: 'START_FAILED' })
  await expect(start).rejects.toThrow(/ended with .* while it started[^]*no\.such\.Reporter/)
}, 60_000)

it.each(['4.3.1', '3.9.1', '3.3.2'])(
  'starts version %s, which gives back records of every codec as they were produced',
  async (version) => {
    const cluster = await startCluster({ version })
    for (const compression of allCodecs) await produceRecords(cluster, 't', awkwardRecords(), { compression })
    const produced = allCodecs.flatMap(() => awkwardRecords())
    const expected = produced.map(({ partition = 0, key, value, timestamp = -1, headers = [] }, index) => ({
      partition,
      offset: BigInt(index),
      timestamp: BigInt(timestamp),
      timestampType: 'CreateTime',
      key: key == null ? null : Buffer.from(key),
      value: value == null ? null : Buffer.from(value),
      headers: headers.map((header) => ({
        key: header.key,
        value: header.value === null ? null : Buffer.from(header.value)
      }))
    }))
    expect(await readTopic(cluster, 't')).toEqual(expected)
    await cluster.destroy()
  },
  clusterTimeoutMs
)

it('moves the leader of a partition when one of three brokers is killed', async () => {
  const cluster = await startCluster({ brokers: 3 })
  const admin = quietKafka({ brokers: cluster.bootstrapServers.split(',') }).admin()
  await admin.connect()
  try {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 't', replicationFactor: 3 }] })
    const leader = async (): Promise<number | undefined> => {
      const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] })
      return topics[0]?.partitions[0]?.leader
    }
    const first = await waitUntil('the topic has a leader', leader)
    await cluster.broker(first).kill()
    const second = await waitUntil(
      'another broker leads',
      async () => {
        const now = await leader()
        return now !== undefined && now !== -1 && now !== first ? now : undefined
      },
      { timeoutMs: 30_000 }
    )
    expect(cluster.broker(second).running).toBe(true)
  } finally {
    await admin.disconnect()
  }
}, 120_000)

it('lets a TLS client log in with SCRAM or PLAIN, and refuses a wrong password and a client without certificate', async () => {
  const cluster = await startCluster({
    listeners: [{ protocol: 'SASL_SSL' }, { protocol: 'SSL', clientAuth: 'required' }],
    users: [{ name: 'alice', password: 'a "quoted" secret' }]
  })
  const { certificates } = cluster
  if (certificates === undefined) throw new Error('the cluster made no certificates')
  const ca = readFileSync(certificates.ca.pem)
  const describeCluster = async (config: Partial<KafkaConfig>, listener: string): Promise<number> => {
    const brokers = cluster.bootstrapFor(listener).split(',')
    const admin = quietKafka({ brokers, ssl: { ca }, retry: { retries: 0 }, ...config }).admin()
    await admin.connect()
    try {
      return (await admin.describeCluster()).brokers.length
    } finally {
      await admin.disconnect()
    }
  }
  const user = { username: 'alice', password: 'a "quoted" secret' }
  const logins: SASLOptions[] = [
    { mechanism: 'plain', ...user },
    { mechanism: 'scram-sha-256', ...user },
    { mechanism: 'scram-sha-512', ...user }
  ]
  for (const sasl of logins) expect(await describeCluster({ sasl }, 'SASL_SSL')).toBe(1)
  const wrong = { mechanism: 'scram-sha-512', username: 'alice', password: 'wrong' } as const
  await expect(describeCluster({ sasl: wrong }, 'SASL_SSL')).rejects.toThrow(/invalid credentials/)
  const cert = readFileSync(certificates.client.certPem)
  const key = readFileSync(certificates.client.keyPem)
  expect(await describeCluster({ ssl: { ca, cert, key } }, 'SSL')).toBe(1)
  await expect(describeCluster({}, 'SSL')).rejects.toThrow(/certificate/)
}, 60_000)

it('sends clients through a proxy that can cut, stall and refuse', async () => {
  const proxies = new BrokerProxies()
  register(async () => {
    await proxies.close()
  })
  const cluster = await startCluster({ advertise: proxies.advertise })
  const proxy = proxies.of(1)
  const { port } = proxy.endpoint
  expect(cluster.bootstrapServers).toBe(`127.0.0.1:${port}`)
  expect(port).not.toBe(cluster.broker(1).endpoint().port)
  await produceRecords(cluster, 't', awkwardRecords())
  expect(proxy.accepted).toBeGreaterThan(0)

  proxy.cutAfter(10)
  expect(await probeBroker(port)).toBeUndefined()
  expect(proxy.cuts).toBe(1)
  expect(await probeBroker(port)).toBeDefined()
  proxy.stall()
  expect(await probeBroker(port, 300)).toBeUndefined()
  await proxy.resume()
  expect(await probeBroker(port)).toBeDefined()
  await proxy.refuse()
  expect(await probeBroker(port)).toBeUndefined()
  await proxy.resume()
  expect(await probeBroker(port)).toBeDefined()
}, 60_000)

it('ends all brokers and removes their data when their owner is killed with -9', async () => {
  const module = new URL('../../dev/local-kafka/local-cluster.ts', import.meta.url).href
  const program = `
    import { LocalCluster } from '${module}'
    const cluster = await LocalCluster.start({ brokers: 2 })
    cluster.broker(2).pause()
    console.log(JSON.stringify({ dir: cluster.dir, pids: cluster.brokers.map(broker => broker.pid) }))
  `
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  register(async () => await Promise.resolve(owner.kill('SIGKILL')))
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
  const { dir, pids } = JSON.parse(line) as { dir: string; pids: number[] }
  expect(await Promise.all(pids.map(isAlive))).toEqual([true, true])
  owner.kill('SIGKILL')
  await waitUntil('no broker is left', async () => !(await Promise.all(pids.map(isAlive))).includes(true))
  await waitUntil('the data is gone', () => !existsSync(dir))
}, 60_000)
