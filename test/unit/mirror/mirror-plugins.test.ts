import { describe, expect, it } from 'vitest'
import { type ForwardingAdmin, type NewTopic, type TargetAdmin } from '../../../src/admin/forwarding-admin.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { describeProblem } from '../../../src/config/config-error.ts'
import { Findings } from '../../../src/config/findings.ts'
import { parseOptions } from '../../../src/config/parse-options.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { traced } from '../../../src/config/traced-properties.ts'
import {
  checkpointConnectorOptions,
  heartbeatConnectorOptions,
  sourceConnectorOptions
} from '../../../src/mirror/mirror-options.ts'
import { checkMirrorPlugins, MirrorPlugins } from '../../../src/mirror/mirror-plugins.ts'

const loader = new PluginLoader('test/unit/mirror')
const fixture = (name: string): string => `./fixtures/plugins.js#${name}`

function pluginsOf(properties: Record<string, string>): MirrorPlugins {
  return new MirrorPlugins(new Map(Object.entries(properties)), { loader, logger: silentLogger })
}

function settingsOf(properties: Record<string, string> = {}) {
  const all = traced(Object.entries({ 'source.cluster.alias': 'A', ...properties }))
  const settings = parseOptions(sourceConnectorOptions, all, new Findings())
  if (settings === null) throw new Error('the settings of the test are wrong')
  return settings
}

async function problemsOf(options: Record<string, unknown>, properties: Record<string, string>): Promise<string[]> {
  const findings = new Findings()
  await checkMirrorPlugins(options, traced(Object.entries(properties)), loader, findings)
  return findings.problems.map(describeProblem)
}

describe('checkMirrorPlugins', () => {
  it('reports every class that is missing or of the wrong shape, under its key', async () => {
    const problems = await problemsOf(sourceConnectorOptions, {
      'replication.policy.class': './fixtures/nowhere.js#Policy',
      'topic.filter.class': fixture('SuffixPolicy'),
      'config.property.filter.class': fixture('Misspelt'),
      'forwarding.admin.class': fixture('HoldingAdmin')
    })
    expect(problems).toEqual([
      expect.stringMatching(
        /^replication\.policy\.class = \.\/fixtures\/nowhere\.js#Policy: expected a replication policy: .*no such module/
      ),
      expect.stringMatching(
        /^topic\.filter\.class = .*shouldReplicateTopic; found class SuffixPolicy without the method shouldReplicateTopic$/
      ),
      expect.stringMatching(/^config\.property\.filter\.class = .*exports .*RetentionOnly/)
    ])
  })

  it('looks at the keys of the connector alone, and makes nothing', async () => {
    const properties = { 'topic.filter.class': fixture('PrefixFilter'), 'group.filter.class': fixture('PrefixFilter') }
    expect(await problemsOf(heartbeatConnectorOptions, properties)).toEqual([])
    expect(await problemsOf(checkpointConnectorOptions, properties)).toEqual([
      expect.stringMatching(/^group\.filter\.class = .*without the method shouldReplicateGroup$/)
    ])
  })

  it('leaves names of Java classes to the option tables, which know the built-in ones', async () => {
    const java = { 'replication.policy.class': 'com.example.MyPolicy' }
    expect(await problemsOf(sourceConnectorOptions, java)).toEqual([])
    const findings = new Findings()
    parseOptions(sourceConnectorOptions, traced(Object.entries({ 'source.cluster.alias': 'A', ...java })), findings)
    expect(findings.problems).toMatchObject([{ key: 'replication.policy.class', value: 'com.example.MyPolicy' }])
  })
})

describe('MirrorPlugins', () => {
  it('makes classes with all properties of the connector, and completes a policy', async () => {
    const plugins = pluginsOf({ 'replication.policy.class': ` ${fixture('SuffixPolicy')} `, 'suffix.mark': '~' })
    const policy = await plugins.policy()
    expect(policy.formatRemoteTopic('A', 'orders')).toBe('orders~A')
    expect(policy.originalTopic('orders~A~B')).toBe('orders')
    expect(policy.topicSource('orders')).toBeNull()
    expect(policy.isHeartbeatsTopic('pulse~A')).toBe(true)
  })

  it('makes the built-in ones where nothing else is named', async () => {
    const identity = { 'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy' }
    const names = await Promise.all(
      [{}, identity].map(async (each) => (await pluginsOf(each).policy()).formatRemoteTopic('A', 'orders'))
    )
    expect(names).toEqual(['A.orders', 'orders'])
    const filter = await pluginsOf({}).topicFilter(settingsOf({ topics: 'a.*' }))
    expect(['apples', 'pears'].filter((topic) => filter.shouldReplicateTopic(topic))).toEqual(['apples'])
  })

  it('says which class could not be made, and why', async () => {
    const plugins = pluginsOf({ 'topic.filter.class': fixture('PrefixFilter') })
    await expect(plugins.topicFilter(settingsOf())).rejects.toMatchObject({
      code: 'MIRROR_PLUGIN',
      message: expect.stringMatching(/^topic\.filter\.class = .*wanted\.prefix is missing$/) as string
    })
  })

  it('takes no promise for a yes', async () => {
    const filter = await pluginsOf({ 'topic.filter.class': fixture('AsyncFilter') }).topicFilter(settingsOf())
    expect(() => filter.shouldReplicateTopic('orders')).toThrow(/true or false .*'orders'.*found a promise/)
  })

  it('hands the built-in admin to an admin of one’s own, lets it do the rest, and closes both', async () => {
    const done: string[] = []
    const builtIn: ForwardingAdmin = {
      createTopic: ({ topic }) => Promise.resolve(done.push(`create ${topic}`) > 0),
      createPartitions: (topic, count) => Promise.resolve(done.push(`enlarge ${topic} to ${count}`) > 0),
      close: () => Promise.resolve(void done.push('close'))
    }
    const plugins = pluginsOf({ 'forwarding.admin.class': fixture('HoldingAdmin'), 'target.cluster.alias': 'B' })
    const admin = await plugins.forwardingAdmin(builtIn)
    const topic = (name: string): NewTopic => ({ topic: name, partitions: 1, replicationFactor: 1, configs: {} })
    expect([await admin.createTopic(topic('held')), await admin.createTopic(topic('free'))]).toEqual([false, true])
    await admin.createPartitions('free', 2)
    await plugins.close()
    await plugins.close()
    expect(done).toEqual(['create free', 'enlarge free to 2', 'close'])
    const { adminLog } = (await import(new URL('fixtures/plugins.js', import.meta.url).href)) as { adminLog: string[] }
    expect(adminLog).toEqual(['made for B', 'held back held', 'closed'])
  })

  it('lets an admin of one’s own copy settings and ACLs, or the built-in one where it does not', async () => {
    const done: string[] = []
    const note = (deed: string) => (): Promise<[]> => {
      done.push(deed)
      return Promise.resolve([])
    }
    const builtIn: TargetAdmin = {
      createTopic: () => Promise.resolve(true),
      createPartitions: () => Promise.resolve(true),
      alterTopicConfigs: note('alter'),
      replaceTopicConfigs: note('replace'),
      createAcls: note('acls'),
      close: () => Promise.resolve()
    }
    const admins = ['HoldingAdmin', 'AclAdmin'].map((name) =>
      pluginsOf({ 'forwarding.admin.class': fixture(name) }).targetAdmin(builtIn)
    )
    for (const admin of await Promise.all(admins)) {
      await admin.alterTopicConfigs([])
      await admin.replaceTopicConfigs([])
      await admin.createAcls([])
    }
    expect(done).toEqual(['alter', 'replace', 'acls', 'alter', 'replace'])
    const { adminLog } = (await import(new URL('fixtures/plugins.js', import.meta.url).href)) as { adminLog: string[] }
    expect(adminLog).toContain('ACLs left to others')
  })
})
