import { describe, expect, it } from 'vitest'
import {
  type OwnTopicConfigs,
  type TopicConfigChange,
  type TopicRefusal
} from '../../../../src/admin/forwarding-admin.ts'
import { MirrorError } from '../../../../src/base/errors.ts'
import { type TopicConfigEntry, type TopicConfigs } from '../../../../src/client/topic-configs.ts'
import { DefaultReplicationPolicy } from '../../../../src/mirror-client/default-replication-policy.ts'
import { TopicConfigSync } from '../../../../src/mirror/source/topic-config-sync.ts'
import { brokerError, brokerErrors } from '../../../../src/wire/error-codes.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'

const { signal } = new AbortController()
const unsupported = new MirrorError('MIRROR_UNSUPPORTED_VERSION', 'B does not offer it')

/** A topic with these settings of its own; `x`, `y` and `hidden` are all that its brokers know. */
function described(topic: string, own: Record<string, string>, known = ['x', 'y']): TopicConfigs {
  const entries = known.map((name): TopicConfigEntry => {
    const value = own[name]
    const source = value === undefined ? 5 : 1
    return { name, value: value ?? 'd', source, isDefault: source === 5, isReadOnly: false, isSensitive: false }
  })
  return { topic, errorCode: 0, errorMessage: null, entries }
}

const refused = (topic: string, errorCode: number): TopicConfigs => ({
  ...{ topic, errorCode, errorMessage: null, entries: [] }
})

function setUp(
  mode: 'requested' | 'required' | 'never',
  source: readonly TopicConfigs[],
  target: readonly TopicConfigs[]
) {
  const altered: TopicConfigChange[][] = []
  const replaced: OwnTopicConfigs[][] = []
  const lines: string[] = []
  const state: { failure?: Error; refusals: readonly TopicRefusal[]; source: readonly TopicConfigs[] } = {
    refusals: [],
    source
  }
  const sync = new TopicConfigSync({
    settings: { sourceAlias: 'A', targetAlias: 'B', incrementalAlterConfigs: mode },
    policy: new DefaultReplicationPolicy(),
    configPropertyFilter: { shouldReplicateConfigProperty: (name) => name !== 'excluded' },
    targetAdmin: {
      alterTopicConfigs: (changes) => {
        altered.push([...changes])
        return state.failure === undefined ? Promise.resolve(state.refusals) : Promise.reject(state.failure)
      },
      replaceTopicConfigs: (topics) => {
        replaced.push([...topics])
        return Promise.resolve(state.refusals)
      }
    },
    describeSourceConfigs: () => Promise.resolve(state.source),
    describeTargetConfigs: () => Promise.resolve(target),
    logger: recordingLogger(lines)
  })
  return { sync, altered, replaced, lines, state }
}

describe('TopicConfigSync', () => {
  const source = [described('a', { x: '1' }), described('b', {})]
  const target = [described('A.a', { excluded: '9', y: '2' }, ['x', 'y', 'excluded']), described('A.b', {})]
  const merged = [{ topic: 'A.a', configs: { excluded: '9', x: '1' } }]

  it('reads, merges and replaces once the target cannot change single settings, and says so once', async () => {
    const { sync, altered, replaced, lines, state } = setUp('requested', source, target)
    state.failure = unsupported
    await sync.run(['a', 'b'], signal)
    await sync.run(['a', 'b'], signal)
    expect([altered.length, replaced]).toEqual([1, [merged, merged]])
    expect(lines).toEqual([expect.stringMatching(/^warn: B cannot change single topic settings/)])
  })

  it('never changes single settings where it is told so, and writes topics that differ alone', async () => {
    const { sync, altered, replaced } = setUp('never', source, target)
    await sync.run(['a', 'b'], signal)
    expect([altered, replaced]).toEqual([[], [merged]])
  })

  it('rejects where single settings are required and the target cannot change them', async () => {
    const { sync, replaced, state } = setUp('required', source, target)
    state.failure = unsupported
    await expect(sync.run(['a', 'b'], signal)).rejects.toBe(unsupported)
    expect(replaced).toEqual([])
  })

  it('does not replace settings of which one is hidden', async () => {
    const hidden = { ...described('A.a', { y: '2' }), entries: described('A.a', { y: '2' }).entries }
    const entries = hidden.entries.map((entry) => (entry.name === 'y' ? { ...entry, value: null } : entry))
    const onSource = [{ ...described('a', { x: '1' }), entries: described('a', { x: '1' }).entries.slice(0, 1) }]
    const { sync, replaced, lines } = setUp('never', onSource, [{ ...hidden, entries }])
    await sync.run(['a'], signal)
    expect(replaced).toEqual([])
    expect(lines).toEqual([expect.stringMatching(/A\.a .*hidden/)])
  })

  it('leaves out settings that the target does not know, names them once, and copies the others', async () => {
    const { sync, altered, lines } = setUp('requested', [described('a', { x: '1', z: '3' }, ['x', 'z'])], target)
    await sync.run(['a'], signal)
    await sync.run(['a'], signal)
    expect(altered[0]).toEqual([{ topic: 'A.a', name: 'x', value: '1' }])
    expect(lines).toEqual([expect.stringMatching(/^warn: B does not know the topic setting z/)])
  })

  it.each([
    ['source', /^warn: .*A\.a on B .*DESCRIBE_CONFIGS on topic a of A/],
    ['target', /^warn: .*A\.a on B .*DESCRIBE_CONFIGS on topic A\.a of B/]
  ] as const)('names topic and ACL once where the %s does not tell, and goes on with others', async (side, warning) => {
    const denied = brokerErrors.TOPIC_AUTHORIZATION_FAILED
    const { sync, altered, lines } = setUp(
      'requested',
      [side === 'source' ? refused('a', denied) : described('a', {}), described('b', { x: '1' })],
      [side === 'target' ? refused('A.a', denied) : described('A.a', {}), described('A.b', {})]
    )
    await sync.run(['a', 'b'], signal)
    await sync.run(['a', 'b'], signal)
    expect(altered[0]).toEqual([{ topic: 'A.b', name: 'x', value: '1' }])
    expect(lines).toEqual([expect.stringMatching(warning)])
  })

  it('names topic and ACL once where the target refuses a change, and once more when that has changed', async () => {
    const { sync, lines, state } = setUp('requested', source, target)
    const refusal = (code: number) => [{ topic: 'A.a', error: brokerError(code, 'B: IncrementalAlterConfigs') }]
    state.refusals = refusal(brokerErrors.TOPIC_AUTHORIZATION_FAILED)
    await sync.run(['a'], signal)
    await sync.run(['a'], signal)
    expect(lines).toEqual([expect.stringMatching(/needs ALTER_CONFIGS on topic A\.a of B/)])
    state.refusals = refusal(brokerErrors.INVALID_CONFIG)
    await sync.run(['a'], signal)
    expect(lines).toHaveLength(2)
    state.refusals = []
    await sync.run(['a'], signal)
    state.refusals = refusal(brokerErrors.INVALID_CONFIG)
    await sync.run(['a'], signal)
    expect(lines).toHaveLength(3)
  })

  it('says nothing of a topic that is deleted meanwhile', async () => {
    const gone = refused('a', brokerErrors.UNKNOWN_TOPIC_OR_PARTITION)
    const { sync, altered, lines } = setUp('requested', [gone], target)
    await sync.run(['a'], signal)
    expect([altered, lines]).toEqual([[], []])
  })
})
