import { offsetCommit } from '../../../src/wire/api/08-offset-commit.ts'
import { offsetFetch } from '../../../src/wire/api/09-offset-fetch.ts'
import { findCoordinator } from '../../../src/wire/api/10-find-coordinator.ts'
import { joinGroup } from '../../../src/wire/api/11-join-group.ts'
import { heartbeat } from '../../../src/wire/api/12-heartbeat.ts'
import { leaveGroup } from '../../../src/wire/api/13-leave-group.ts'
import { syncGroup } from '../../../src/wire/api/14-sync-group.ts'
import { saslHandshake } from '../../../src/wire/api/17-sasl-handshake.ts'
import { apiVersions } from '../../../src/wire/api/18-api-versions.ts'
import { createTopics } from '../../../src/wire/api/19-create-topics.ts'
import { initProducerId } from '../../../src/wire/api/22-init-producer-id.ts'
import { describeAcls } from '../../../src/wire/api/29-describe-acls.ts'
import { createAcls } from '../../../src/wire/api/30-create-acls.ts'
import { describeConfigs } from '../../../src/wire/api/32-describe-configs.ts'
import { alterConfigs } from '../../../src/wire/api/33-alter-configs.ts'
import { saslAuthenticate } from '../../../src/wire/api/36-sasl-authenticate.ts'
import { createPartitions } from '../../../src/wire/api/37-create-partitions.ts'
import { incrementalAlterConfigs } from '../../../src/wire/api/44-incremental-alter-configs.ts'
import { groupStateCases } from './group-states.ts'
import { wireCase, type WireCase } from './wire-case.ts'

const topicId = Buffer.from('AQIDBAUGBwgJCgsMDQ4PEA', 'base64url')
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')

export const controlPathCases: readonly WireCase[] = [
  wireCase(
    offsetCommit,
    {
      groupId: 'billing',
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          name: 'A.orders',
          partitions: [
            { partition: 0, offset: 42n, leaderEpoch: 5, metadata: 'note' },
            { partition: 1, offset: 43n, leaderEpoch: -1, metadata: null }
          ]
        }
      ]
    },
    () => ({
      throttleTimeMs: 5,
      topics: [
        {
          name: 'A.orders',
          partitions: [
            { partition: 0, errorCode: 0 },
            { partition: 1, errorCode: 25 }
          ]
        }
      ]
    })
  ),
  wireCase(
    offsetFetch,
    { groups: [{ groupId: 'billing', topics: [{ name: 'orders', partitions: [0, 1] }] }], requireStable: true },
    (version) => ({
      throttleTimeMs: 5,
      groups: [
        {
          groupId: version >= 8 ? 'billing' : '',
          errorCode: 0,
          topics: [
            {
              name: 'orders',
              partitions: [
                { partition: 0, offset: 42n, leaderEpoch: version >= 5 ? 5 : -1, metadata: 'note', errorCode: 0 },
                { partition: 1, offset: -1n, leaderEpoch: -1, metadata: null, errorCode: 88 }
              ]
            }
          ]
        }
      ]
    })
  ),
  wireCase(findCoordinator, { key: 'billing', keyType: 0 }, () => ({
    throttleTimeMs: 5,
    errorCode: 15,
    errorMessage: 'not yet',
    nodeId: 3,
    host: 'three',
    port: 9094
  })),
  wireCase(
    joinGroup,
    {
      groupId: 'A-mm2',
      sessionTimeoutMs: 10000,
      rebalanceTimeoutMs: 60000,
      memberId: 'm-1',
      groupInstanceId: null,
      protocolType: 'connect',
      protocols: [
        { name: 'sessioned', metadata: bytes('AAI=') },
        { name: 'default', metadata: bytes('') }
      ],
      reason: 'rejoin'
    },
    (version) => ({
      throttleTimeMs: 5,
      errorCode: 79,
      generationId: 7,
      protocolType: version >= 7 ? 'connect' : null,
      protocolName: 'sessioned',
      leader: 'm-1',
      skipAssignment: version >= 9,
      memberId: 'm-1',
      members: [
        { memberId: 'm-1', groupInstanceId: null, metadata: bytes('AAI=') },
        { memberId: 'm-2', groupInstanceId: version >= 5 ? 'static-2' : null, metadata: bytes('') }
      ]
    })
  ),
  wireCase(heartbeat, { groupId: 'A-mm2', generationId: 7, memberId: 'm-1', groupInstanceId: null }, () => ({
    throttleTimeMs: 5,
    errorCode: 27
  })),
  wireCase(leaveGroup, { groupId: 'A-mm2', memberId: 'm-1', groupInstanceId: null, reason: 'stop' }, (version) => ({
    throttleTimeMs: 5,
    errorCode: 16,
    members: version >= 3 ? [{ memberId: 'm-1', groupInstanceId: null, errorCode: 25 }] : []
  })),
  wireCase(
    syncGroup,
    {
      groupId: 'A-mm2',
      generationId: 7,
      memberId: 'm-1',
      groupInstanceId: null,
      protocolType: 'connect',
      protocolName: 'sessioned',
      assignments: [
        { memberId: 'm-1', assignment: bytes('AAIAAA==') },
        { memberId: 'm-2', assignment: bytes('') }
      ]
    },
    (version) => ({
      throttleTimeMs: 5,
      errorCode: 27,
      protocolType: version >= 5 ? 'connect' : null,
      protocolName: null,
      assignment: bytes('AAIAAA==')
    })
  ),
  wireCase(saslHandshake, { mechanism: 'SCRAM-SHA-256' }, () => ({
    errorCode: 33,
    mechanisms: ['PLAIN', 'SCRAM-SHA-512']
  })),
  wireCase(apiVersions, { clientSoftwareName: 'connect-mirror-maker', clientSoftwareVersion: '0.1.0' }, (version) => ({
    errorCode: 0,
    apiKeys: [
      { key: 0, minVersion: 3, maxVersion: 11 },
      { key: 1, minVersion: 4, maxVersion: 17 }
    ],
    throttleTimeMs: version >= 1 ? 5 : 0
  })),
  wireCase(
    createTopics,
    {
      topics: [
        {
          name: 'A.orders',
          numPartitions: 6,
          replicationFactor: 3,
          configs: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'retention.ms', value: null }
          ]
        }
      ],
      timeoutMs: 30000,
      validateOnly: true
    },
    (version) => ({
      throttleTimeMs: 5,
      topics: [
        {
          name: 'A.orders',
          topicId: version >= 7 ? topicId : null,
          errorCode: 0,
          errorMessage: null,
          numPartitions: version >= 5 ? 6 : -1,
          replicationFactor: version >= 5 ? 3 : -1
        },
        {
          name: 'A.users',
          topicId: null,
          errorCode: 36,
          errorMessage: 'exists',
          numPartitions: -1,
          replicationFactor: -1
        }
      ]
    })
  ),
  wireCase(
    initProducerId,
    { transactionalId: null, transactionTimeoutMs: 60000, producerId: 9000n, producerEpoch: 2 },
    () => ({ throttleTimeMs: 5, errorCode: 0, producerId: 4503599627370497n, producerEpoch: 3 })
  ),
  wireCase(
    describeConfigs,
    {
      resources: [
        { type: 2, name: 'orders', keys: null },
        { type: 4, name: '1', keys: ['message.max.bytes'] }
      ],
      includeSynonyms: true
    },
    (version) => ({
      throttleTimeMs: 5,
      resources: [
        {
          errorCode: 0,
          errorMessage: null,
          type: 2,
          name: 'orders',
          configs: [
            {
              name: 'retention.ms',
              value: '1000',
              readOnly: false,
              source: 1,
              sensitive: false,
              synonyms:
                version === 0
                  ? []
                  : [
                      { name: 'retention.ms', value: '1000', source: 1 },
                      { name: 'log.retention.hours', value: null, source: 5 }
                    ]
            },
            // Version 0 only says that it is a default.
            {
              name: 'secret',
              value: null,
              readOnly: true,
              source: version === 0 ? 5 : 4,
              sensitive: true,
              synonyms: []
            }
          ]
        },
        { errorCode: 3, errorMessage: 'no such topic', type: 2, name: 'gone', configs: [] }
      ]
    })
  ),
  wireCase(saslAuthenticate, { authBytes: bytes('AHVzZXIAc2VjcmV0') }, (version) => ({
    errorCode: 58,
    errorMessage: 'denied',
    authBytes: bytes('AQI='),
    sessionLifetimeMs: version >= 1 ? 3600000n : 0n
  })),
  wireCase(
    createPartitions,
    { topics: [{ name: 'A.orders', count: 12 }], timeoutMs: 30000, validateOnly: false },
    () => ({
      throttleTimeMs: 5,
      topics: [
        { name: 'A.orders', errorCode: 0, errorMessage: null },
        { name: 'A.users', errorCode: 37, errorMessage: 'fewer than now' }
      ]
    })
  ),
  wireCase(
    describeAcls,
    {
      resourceType: 2,
      resourceName: null,
      patternType: 3,
      principal: 'User:größe',
      host: null,
      operation: 1,
      permissionType: 1
    },
    () => ({
      throttleTimeMs: 5,
      errorCode: 54,
      errorMessage: 'no authorizer',
      resources: [
        {
          type: 2,
          name: 'orders',
          patternType: 3,
          acls: [
            { principal: 'User:alice', host: '*', operation: 3, permissionType: 3 },
            { principal: 'User:bob', host: '10.0.0.1', operation: 2, permissionType: 2 }
          ]
        },
        { type: 2, name: 'bare', patternType: 4, acls: [] }
      ]
    })
  ),
  wireCase(
    createAcls,
    {
      creations: [
        {
          ...{ resourceType: 2, resourceName: 'A.orders', patternType: 3 },
          ...{ principal: 'User:alice', host: '*', operation: 3, permissionType: 3 }
        },
        {
          ...{ resourceType: 2, resourceName: 'A.größe', patternType: 3 },
          ...{ principal: 'User:bob', host: '10.0.0.1', operation: 2, permissionType: 2 }
        }
      ]
    },
    () => ({
      throttleTimeMs: 5,
      results: [
        { errorCode: 0, errorMessage: null },
        { errorCode: 31, errorMessage: 'denied' }
      ]
    })
  ),
  wireCase(
    alterConfigs,
    {
      resources: [
        {
          type: 2,
          name: 'A.orders',
          configs: [
            { name: 'retention.ms', value: '1000' },
            { name: 'cleanup.policy', value: null }
          ]
        },
        { type: 2, name: 'A.bare', configs: [] }
      ],
      validateOnly: false
    },
    () => ({
      throttleTimeMs: 5,
      resources: [
        { errorCode: 40, errorMessage: 'no', type: 2, name: 'A.orders' },
        { errorCode: 0, errorMessage: null, type: 2, name: 'A.bare' }
      ]
    })
  ),
  wireCase(
    incrementalAlterConfigs,
    {
      resources: [
        {
          type: 2,
          name: 'A.orders',
          configs: [
            { name: 'retention.ms', operation: 0, value: '1000' },
            { name: 'cleanup.policy', operation: 1, value: null }
          ]
        }
      ],
      validateOnly: false
    },
    () => ({ throttleTimeMs: 5, resources: [{ errorCode: 40, errorMessage: 'no', type: 2, name: 'A.orders' }] })
  ),
  ...groupStateCases
]
