import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { type ConnectRecord } from '../../../src/connect/data/connect-record.ts'
import { modulePlugins } from '../../../src/connect/plugins/module-plugins.ts'
import { MirrorPlugins } from '../../../src/mirror/mirror-plugins.ts'

const page = readFileSync('docs/plugins.md', 'utf8')
const examples = [...page.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```/gms)]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const [, name = '', text = ''] of examples) writeFileSync(join(folder, name), text)
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
