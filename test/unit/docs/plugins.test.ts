import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { ConfigProviders, loadConfigProviders } from '../../../src/config/config-providers.ts'
import { Findings } from '../../../src/config/findings.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { traced } from '../../../src/config/traced-properties.ts'
import { type ConnectRecord } from '../../../src/connect/data/connect-record.ts'
import { modulePlugins } from '../../../src/connect/plugins/module-plugins.ts'
import { moduleConnector } from '../../../src/connect/plugins/module-connector.ts'
import { MirrorPlugins } from '../../../src/mirror/mirror-plugins.ts'
import { extensionResource } from '../../../src/rest/extension-resource.ts'
import { loadRestExtensions } from '../../../src/rest/load-rest-extensions.ts'
import { decodeBatch } from '../../../src/wire/record.ts'

const page = readFileSync('docs/plugins.md', 'utf8')
const examples = [...page.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```/gms)]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const library = new URL('../../../src/index.ts', import.meta.url).href
  for (const [, name = '', text = ''] of examples) {
    writeFileSync(join(folder, name), text.replace("from 'connect-mirror-maker'", `from '${library}'`))
  }
  writeFileSync(join(folder, 'secrets.json'), '{"kafka":{"stores":{"A":"changeit"}}}')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('the policy of the page names topics as the page says', async () => {
  const properties = { 'replication.policy.class': './suffix-policy.js#SuffixPolicy', 'suffix.mark': '~' }
  const loader = new PluginLoader(folder)
  const policy = await new MirrorPlugins(new Map(Object.entries(properties)), { loader, logger: silentLogger }).policy()
  expect(policy.formatRemoteTopic('A', 'orders')).toBe('orders~A')
  expect([policy.topicSource('orders~A'), policy.originalTopic('orders~A~B'), policy.topicSource('x')]).toEqual([
    'A',
    'orders',
    null
  ])
})

test('the admin of the page caps the retention of topics', async () => {
  const properties = new Map([['forwarding.admin.class', './team-rules.js#CappedAdmin']])
  const created: unknown[] = []
  const plugins = new MirrorPlugins(properties, { loader: new PluginLoader(folder), logger: silentLogger })
  const admin = await plugins.forwardingAdmin({
    createTopic: ({ configs }) => Promise.resolve(created.push(configs) > 0),
    createPartitions: () => Promise.resolve(true),
    close: () => Promise.resolve()
  })
  await admin.createTopic({ topic: 't', partitions: 1, replicationFactor: 1, configs: { 'retention.ms': '-1' } })
  expect(created).toEqual([{ 'retention.ms': '86400000' }])
})

test('the transformation of the page drops the records of other tenants', async () => {
  const OnlyTenants = await modulePlugins(new PluginLoader(folder)).transformation('./only-tenants.js#OnlyTenants')
  const transformation = new OnlyTenants({ tenants: 'blue,green' })
  const none = { partition: null, keySchema: null, key: null, valueSchema: null, value: null, timestamp: null }
  const record = (tenant: string): ConnectRecord => {
    return { topic: 't', ...none, headers: [{ key: 'tenant', schema: null, value: Buffer.from(tenant) }] }
  }
  const passed = ['blue', 'red', 'green'].filter((tenant) => transformation.apply(record(tenant)) !== null)
  expect(passed).toEqual(['blue', 'green'])
})

test('the config provider of the page knows the secrets of its mount', async () => {
  const properties = new Map([
    ['config.providers', 'vault'],
    ['config.providers.vault.class', './vault.js#Vault'],
    ['config.providers.vault.param.mount', 'kafka'],
    ['A.ssl.keystore.password', '${vault:stores:A}']
  ])
  const findings = new Findings()
  const loaded = await loadConfigProviders(properties, new PluginLoader(folder))
  const providers = ConfigProviders.declaredIn(traced(properties), {}, findings, loaded)
  const resolved = providers.resolve(traced(properties), findings)
  expect(findings.problems).toEqual([])
  expect(resolved.get('A.ssl.keystore.password')?.value).toBe('changeit')
})

test('the connector of the page goes on with the tick after the one that is stored', async () => {
  const plugin = moduleConnector('./ticker.js#Ticker', new PluginLoader(folder))
  expect(await plugin.validate({})).toEqual([{ key: 'topic', message: 'topic: missing' }])
  const services = { connector: 'ticks', task: null, logger: silentLogger }
  const connector = plugin.createConnector({ topic: 'ticks', 'interval.ms': '1' }, services)
  await connector.start({ requestTaskReconfiguration: () => undefined, raiseError: () => undefined })
  const [config = {}] = connector.taskConfigs(1)
  const task = plugin.createTask(config, { ...services, task: 0 })
  await task.start({
    storedOffsets: (partitions) => Promise.resolve(partitions.map(() => 41n)),
    isLeaseHeld: () => true
  })
  const [batch] = await task.poll()
  expect(batch).toMatchObject({ targetTopic: 'ticks', firstOffset: 42n, lastOffset: 42n, recordCount: 1 })
  const records = await decodeBatch(batch?.records ?? Buffer.alloc(0))
  expect(records.map(({ value }) => String(value))).toEqual(['tick 42'])
  await task.stop()
  expect(await task.poll()).toEqual([])
})

test('the REST extension of the page loads and adds its path', async () => {
  const findings = new Findings()
  const extensions = await loadRestExtensions('./readiness.js#Readiness', new PluginLoader(folder), findings)
  const { endpoints } = extensionResource(extensions, [], () => [])
  expect(findings.problems).toEqual([])
  expect(endpoints.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /ready'])
})
