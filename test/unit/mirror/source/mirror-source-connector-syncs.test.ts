import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { type TopicConfigs } from '../../../../src/client/topic-configs.ts'
import { settle } from '../../../support/manual-clock.ts'
import { sourceConnectorUnderTest as setUp } from '../../../support/source-connector-under-test.ts'

const minute = 60_000

/** `a` has a setting that `A.a` has not. */
function differ(configs: Map<string, Partial<TopicConfigs>>): void {
  const setting = { name: 'retention.ms', isReadOnly: false, isSensitive: false }
  configs.set('a', { entries: [{ ...setting, value: '1', isDefault: false, source: 1 }] })
  configs.set('A.a', { entries: [{ ...setting, value: '2', isDefault: true, source: 5 }] })
}

describe('MirrorSourceConnector', () => {
  it('copies settings and ACLs once the topics are known, at intervals of their own, of mirrored topics alone', async () => {
    const intervals = { syncTopicConfigsIntervalMs: 5 * minute, syncTopicAclsIntervalMs: 2 * minute }
    const { start, clock, connector, admin, configs, acls } = setUp({ a: 1 }, intervals)
    differ(configs)
    const acl = { principal: 'User:x', host: '*', operation: 3, permission: 3 }
    acls.push({ ...acl, topic: 'a' }, { ...acl, topic: 'no' })
    await start()
    await settle()
    expect([admin.altered.length, admin.acls]).toEqual([1, ['A.a']])
    await clock.advance(10 * minute)
    expect([admin.altered.length, admin.acls.length]).toEqual([3, 6])
    await connector.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not wait for a slow copy of settings at its start', async () => {
    const { start, admin, configs, assigned } = setUp({ a: 1 }, { syncTopicConfigsIntervalMs: minute })
    differ(configs)
    admin.alteration = new Promise(() => undefined)
    await start()
    expect(assigned()).toEqual(['a-0'])
  })

  it.each([
    ['required', 1],
    ['requested', 0]
  ] as const)('fails where the target cannot alter single settings and that is %s', async (mode, failures) => {
    const changes = { incrementalAlterConfigs: mode, syncTopicConfigsIntervalMs: minute }
    const { start, admin, configs, raised } = setUp({ a: 1 }, changes)
    differ(configs)
    admin.alteration = Promise.reject(new MirrorError('MIRROR_UNSUPPORTED_VERSION', 'too old'))
    await start()
    await settle()
    expect(admin.altered).toHaveLength(1)
    expect(raised).toHaveLength(failures)
  })

  it('compares no settings before the topics are known, and soon after they are', async () => {
    const { start, clock, source, admin, configs } = setUp({ a: 1 }, { syncTopicConfigsIntervalMs: 10 * minute })
    differ(configs)
    source.failure = new MirrorError('MIRROR_NETWORK', 'A is away', { retriable: true })
    await start()
    await clock.advance(10_000)
    source.failure = undefined
    await clock.advance(30_000)
    expect(admin.altered).toHaveLength(1)
  })
})
