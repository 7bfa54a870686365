import { describe, expect, it } from 'vitest'
import { type TopicRefusal } from '../../../../src/admin/forwarding-admin.ts'
import { MirrorError } from '../../../../src/base/errors.ts'
import { type TopicAcl } from '../../../../src/client/acls.ts'
import { AclSync } from '../../../../src/mirror/source/acl-sync.ts'
import { DefaultReplicationPolicy } from '../../../../src/mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../../../../src/mirror-client/identity-replication-policy.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { aclOperation, aclPermission } from '../../../../src/wire/api/29-describe-acls.ts'
import { brokerError, brokerErrors } from '../../../../src/wire/error-codes.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'

const { all, read, write, describe: look } = aclOperation
const { allow, deny } = aclPermission
const acl = (topic: string, operation: number, permission: number = allow, host = '*'): TopicAcl => ({
  ...{ topic, principal: 'User:alice', host, operation, permission }
})
const securityDisabled = brokerError(brokerErrors.SECURITY_DISABLED, 'DescribeAcls')
const denied = brokerError(brokerErrors.CLUSTER_AUTHORIZATION_FAILED, 'DescribeAcls')

function setUp(source: readonly TopicAcl[], target: readonly TopicAcl[] = [], isIdentity = false) {
  const lines: string[] = []
  const created: TopicAcl[] = []
  const state: {
    source?: Error
    target?: Error
    creation?: Error
    refusals: readonly TopicRefusal[]
    isAway: boolean
  } = {
    refusals: [],
    isAway: false
  }
  const asked: string[] = []
  const answer = (side: 'source' | 'target', acls: readonly TopicAcl[]): Promise<readonly TopicAcl[]> => {
    asked.push(side)
    const failure = state[side]
    return failure === undefined ? Promise.resolve(acls) : Promise.reject(failure)
  }
  const sync = new AclSync({
    settings: { sourceAlias: 'A', targetAlias: 'B' },
    policy: isIdentity
      ? new IdentityReplicationPolicy({ 'source.cluster.alias': 'A' }, silentLogger)
      : new DefaultReplicationPolicy(),
    selection: { isMirrored: (topic) => topic !== 'secret' },
    isAway: () => state.isAway,
    describeSourceAcls: () => answer('source', source),
    describeTargetAcls: () => answer('target', target),
    targetAdmin: {
      createAcls: (acls) => {
        created.push(...acls)
        return state.creation === undefined ? Promise.resolve(state.refusals) : Promise.reject(state.creation)
      }
    },
    logger: recordingLogger(lines)
  })
  return { sync, created, lines, state, asked }
}

describe('AclSync', () => {
  it.each([
    ['ALLOW READ', acl('a', read), acl('A.a', read)],
    ['ALLOW ALL as READ', acl('a', all), acl('A.a', read)],
    ['DENY ALL', acl('a', all, deny), acl('A.a', all, deny)],
    ['DENY WRITE', acl('a', write, deny), acl('A.a', write, deny)],
    ['the host', acl('a', look, allow, '10.0.0.1'), acl('A.a', look, allow, '10.0.0.1')],
    ['no ALLOW WRITE', acl('a', write), undefined],
    ['nothing of topics that are not mirrored', acl('secret', read), undefined]
  ])('copies %s', async (_, from, to) => {
    const { sync, created } = setUp([from])
    await sync.run()
    expect(created).toEqual(to === undefined ? [] : [to])
  })

  it('creates what is missing, and once what several entries come to', async () => {
    const { sync, created, lines } = setUp([acl('a', read), acl('a', all), acl('b', read)], [acl('A.b', read)])
    await sync.run()
    expect(created).toEqual([acl('A.a', read)])
    expect(lines).toEqual(['info: Created 1 ACLs of remote topics'])
  })

  it.each([false, true])('never copies ACLs on any topic, and warns once (identity policy: %s)', async (isIdentity) => {
    const { sync, created, lines } = setUp([acl('*', read), acl('*', all, deny), acl('*', write)], [], isIdentity)
    await sync.run()
    await sync.run()
    expect(created).toEqual([])
    expect(lines).toEqual([expect.stringMatching(/^warn: ACLs of A on any topic .*are not copied/)])
  })

  it.each(['source', 'target'] as const)('says once that the %s has no authorizer, and does nothing', async (side) => {
    const { sync, created, lines, state } = setUp([acl('a', read)])
    state[side] = securityDisabled
    await sync.run()
    await sync.run()
    expect(created).toEqual([])
    const alias = side === 'source' ? 'A' : 'B'
    expect(lines).toEqual([expect.stringMatching(`^info: ${alias} has no authorizer.*sync.topic.acls.enabled`)])
  })

  it('does not trouble the target while the source has nothing for it', async () => {
    const { sync, asked } = setUp([acl('a', write)])
    await sync.run()
    expect(asked).toEqual(['source'])
  })

  it.each([
    ['source', 'DESCRIBE on the cluster A'],
    ['target', 'DESCRIBE on the cluster B'],
    ['creation', 'ALTER on the cluster B']
  ] as const)('names the ACL that it lacks once: %s', async (where, needed) => {
    const { sync, lines, state } = setUp([acl('a', read)])
    state[where] = denied
    await sync.run()
    await sync.run()
    expect(lines).toEqual([expect.stringContaining(`The principal needs ${needed}`)])
  })

  it('names a right on the whole cluster once for all topics', async () => {
    const { sync, lines, state } = setUp([acl('a', read), acl('b', read)])
    state.refusals = ['A.a', 'A.b'].map((topic) => ({ topic, error: denied }))
    await sync.run()
    await sync.run()
    expect(lines).toEqual([expect.stringContaining('The principal needs ALTER on the cluster B')])
  })

  it('tells each topic whose ACLs are refused once, and that others were created', async () => {
    const { sync, lines, state } = setUp([acl('a', read), acl('b', read)])
    state.refusals = [{ topic: 'A.a', error: new Error('no such principal') }]
    await sync.run()
    await sync.run()
    const warnings = lines.filter((line) => line.startsWith('warn'))
    expect(warnings).toEqual([expect.stringMatching(/ACLs of topic A\.a .*no such principal/)])
    expect(lines).toContain('info: Created 1 ACLs of remote topics')
  })

  it('rejects with whatever a cluster that is away is away for, without a word', async () => {
    const { sync, state, lines } = setUp([acl('orders', read)])
    state.source = new MirrorError('MIRROR_AUTHENTICATION', 'A does not know the user')
    state.isAway = true
    await expect(sync.run()).rejects.toThrow('A does not know the user')
    expect(lines).toEqual([])
  })

  it('rejects where a cluster is away, so that it is tried again soon', async () => {
    const { sync, lines, state } = setUp([acl('a', read)])
    state.target = new MirrorError('MIRROR_NETWORK', 'B is away', { retriable: true })
    await expect(sync.run()).rejects.toBe(state.target)
    expect(lines).toEqual([])
  })
})
