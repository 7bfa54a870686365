import { readFileSync } from 'node:fs'
import { type ApiMessage } from '../../src/wire/api-message.ts'
import { produce } from '../../src/wire/api/00-produce.ts'
import { fetch } from '../../src/wire/api/01-fetch.ts'
import { listOffsets } from '../../src/wire/api/02-list-offsets.ts'
import { metadata } from '../../src/wire/api/03-metadata.ts'
import { offsetCommit } from '../../src/wire/api/08-offset-commit.ts'
import { offsetFetch } from '../../src/wire/api/09-offset-fetch.ts'
import { findCoordinator } from '../../src/wire/api/10-find-coordinator.ts'
import { describeGroups } from '../../src/wire/api/15-describe-groups.ts'
import { saslHandshake } from '../../src/wire/api/17-sasl-handshake.ts'
import { apiVersions } from '../../src/wire/api/18-api-versions.ts'
import { createTopics } from '../../src/wire/api/19-create-topics.ts'
import { initProducerId } from '../../src/wire/api/22-init-producer-id.ts'
import { describeConfigs } from '../../src/wire/api/32-describe-configs.ts'
import { saslAuthenticate } from '../../src/wire/api/36-sasl-authenticate.ts'
import { createPartitions } from '../../src/wire/api/37-create-partitions.ts'
import { incrementalAlterConfigs } from '../../src/wire/api/44-incremental-alter-configs.ts'
import { Reader } from '../../src/wire/reader.ts'
import { Writer } from '../../src/wire/writer.ts'

/** One request and one response of an API, as values; `kafka-cases.json` holds the same in Kafka's own JSON form. */
export interface WireCase {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  encodeRequest(version: number): Buffer
  decodeResponse(version: number, body: Buffer): { value: unknown; bytesLeft: number }
  /** What the response decodes to: fields that a version lacks have their documented stand-in. */
  response(version: number): unknown
}

/** A request or response body that another implementation wrote. */
export interface WireVector {
  readonly name: string
  readonly version: number
  readonly request: string
  readonly response: string
}

/** Bodies written by Apache Kafka 4.3.1's own classes (dev/KafkaVectors.java). */
export function kafkaVectors(): readonly WireVector[] {
  const path = new URL('../compat/vectors/kafka-4.3.1.json', import.meta.url)
  const vectors: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(vectors)) throw new Error('kafka-4.3.1.json is no list')
  return vectors.filter(isWireVector)
}

function isWireVector(value: unknown): value is WireVector {
  return typeof value === 'object' && value !== null && 'name' in value && 'response' in value
}

function wireCase<Request, Response>(
  api: ApiMessage<Request, Response>,
  request: Request,
  response: (version: number) => Response
): WireCase {
  return {
    name: api.name,
    minVersion: api.minVersion,
    maxVersion: api.maxVersion,
    encodeRequest(version) {
      const writer = new Writer(version >= api.flexibleFrom)
      api.encodeRequest(writer, request, version)
      return writer.toBuffer()
    },
    decodeResponse(version, body) {
      const reader = new Reader(body, version >= api.flexibleFrom)
      const value = api.decodeResponse(reader, version)
      return { value, bytesLeft: reader.remaining }
    },
    response
  }
}

const topicId = Buffer.from('AQIDBAUGBwgJCgsMDQ4PEA', 'base64url')
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')

export const wireCases: readonly WireCase[] = [
  wireCase(
    produce,
    {
      transactionalId: null,
      acks: -1,
      timeoutMs: 30000,
      topics: [
        {
          name: 'A.orders',
          partitions: [
            { partition: 0, records: bytes('AAECAwQFBgcICQ==') },
            { partition: 7, records: bytes('Cgs=') }
          ]
        },
        { name: 'A.größe', partitions: [{ partition: 2147483647, records: bytes('DA==') }] }
      ]
    },
    (version) => ({
      throttleTimeMs: 250,
      topics: [
        {
          name: 'A.orders',
          partitions: [
            {
              partition: 0,
              errorCode: 0,
              baseOffset: 4503599627370497n,
              logAppendTimeMs: -1n,
              logStartOffset: version >= 5 ? 11n : -1n,
              recordErrors: [],
              errorMessage: null,
              currentLeader: null
            },
            {
              partition: 7,
              errorCode: 87,
              baseOffset: -1n,
              logAppendTimeMs: 1700000000000n,
              logStartOffset: version >= 5 ? 12n : -1n,
              recordErrors:
                version >= 8
                  ? [
                      { batchIndex: 3, message: 'null key' },
                      { batchIndex: 4, message: null }
                    ]
                  : [],
              errorMessage: version >= 8 ? 'one or more records were rejected' : null,
              currentLeader: null
            }
          ]
        },
        {
          name: 'B',
          partitions: [
            {
              partition: 1,
              errorCode: 6,
              baseOffset: -1n,
              logAppendTimeMs: -1n,
              logStartOffset: -1n,
              recordErrors: [],
              errorMessage: null,
              currentLeader: version >= 10 ? { leaderId: 2, leaderEpoch: 9 } : null
            }
          ]
        }
      ],
      nodeEndpoints: version >= 10 ? [{ nodeId: 2, host: 'broker-2', port: 9093, rack: null }] : []
    })
  ),
  wireCase(
    fetch,
    {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 52428800,
      isolationLevel: 1,
      sessionId: 77,
      sessionEpoch: 3,
      topics: [
        {
          name: 'orders',
          topicId,
          partitions: [
            {
              partition: 0,
              currentLeaderEpoch: 5,
              fetchOffset: 4503599627370497n,
              lastFetchedEpoch: 4,
              maxBytes: 1048576
            },
            { partition: 1, currentLeaderEpoch: -1, fetchOffset: 0n, lastFetchedEpoch: -1, maxBytes: 65536 }
          ]
        }
      ],
      forgottenTopics: [
        { name: 'gone', topicId: Buffer.from('ERITFBUWFxgZGhscHR4fIA', 'base64url'), partitions: [4, 5] }
      ],
      rackId: 'eu-1'
    },
    (version) => ({
      throttleTimeMs: 100,
      errorCode: 0,
      sessionId: version >= 7 ? 77 : 0,
      topics: [
        {
          name: version <= 12 ? 'orders' : '',
          topicId: version <= 12 ? null : topicId,
          partitions: [
            {
              partition: 0,
              errorCode: 0,
              highWatermark: 4503599627370500n,
              lastStableOffset: 4503599627370499n,
              logStartOffset: version >= 5 ? 17n : -1n,
              divergingEpoch: null,
              currentLeader: null,
              abortedTransactions: [
                { producerId: 9000n, firstOffset: 20n },
                { producerId: 9001n, firstOffset: 21n }
              ],
              preferredReadReplica: -1,
              records: bytes('AAECAwQFBgcICQ==')
            },
            {
              partition: 1,
              errorCode: 74,
              highWatermark: -1n,
              lastStableOffset: -1n,
              logStartOffset: -1n,
              divergingEpoch: version >= 12 ? { epoch: 3, endOffset: 55n } : null,
              currentLeader: version >= 12 ? { leaderId: 2, leaderEpoch: 9 } : null,
              abortedTransactions: [],
              preferredReadReplica: version >= 11 ? 2 : -1,
              records: bytes('')
            }
          ]
        }
      ],
      nodeEndpoints: version >= 16 ? [{ nodeId: 2, host: 'broker-2', port: 9093, rack: 'eu-1' }] : []
    })
  ),
  wireCase(
    listOffsets,
    {
      isolationLevel: 1,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partition: 0, currentLeaderEpoch: 5, timestamp: -2n },
            { partition: 1, currentLeaderEpoch: -1, timestamp: 1700000000000n }
          ]
        }
      ]
    },
    (version) => ({
      throttleTimeMs: 5,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partition: 0, errorCode: 0, timestamp: -1n, offset: 42n, leaderEpoch: version >= 4 ? 5 : -1 },
            { partition: 1, errorCode: 6, timestamp: -1n, offset: -1n, leaderEpoch: -1 }
          ]
        }
      ]
    })
  ),
  wireCase(metadata, { topics: ['orders'] }, (version) => ({
    throttleTimeMs: 5,
    brokers: [
      { nodeId: 1, host: 'one', port: 9092, rack: 'eu-1' },
      { nodeId: 2, host: 'two', port: 9093, rack: null }
    ],
    clusterId: 'cluster-a',
    controllerId: 2,
    topics: [
      {
        errorCode: 0,
        name: 'orders',
        topicId: version >= 10 ? topicId : null,
        isInternal: false,
        partitions: [
          {
            errorCode: 0,
            partition: 0,
            leader: 1,
            leaderEpoch: version >= 7 ? 5 : -1,
            replicas: [1, 2],
            isr: [1],
            offlineReplicas: version >= 5 ? [2] : []
          },
          {
            errorCode: 5,
            partition: 1,
            leader: -1,
            leaderEpoch: version >= 7 ? 6 : -1,
            replicas: [2],
            isr: [],
            offlineReplicas: version >= 5 ? [2] : []
          }
        ]
      },
      { errorCode: 3, name: 'missing', topicId: null, isInternal: true, partitions: [] }
    ]
  })),
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
    { groupId: 'billing', topics: [{ name: 'orders', partitions: [0, 1] }], requireStable: true },
    (version) => ({
      throttleTimeMs: 5,
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
  wireCase(describeGroups, { groups: ['billing', 'A-mm2'] }, (version) => ({
    throttleTimeMs: version >= 1 ? 5 : 0,
    groups: [
      {
        errorCode: 0,
        groupId: 'billing',
        state: 'Stable',
        protocolType: 'consumer',
        protocol: 'range',
        members: [
          {
            memberId: 'm-1',
            groupInstanceId: version >= 4 ? 'static-1' : null,
            clientId: 'c',
            clientHost: '/10.0.0.1',
            metadata: bytes('AAE='),
            assignment: bytes('AgM=')
          }
        ]
      }
    ]
  })),
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
    () => ({
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
              synonyms: [
                { name: 'retention.ms', value: '1000', source: 1 },
                { name: 'log.retention.hours', value: null, source: 5 }
              ]
            },
            { name: 'secret', value: null, readOnly: true, source: 4, sensitive: true, synonyms: [] }
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
  )
]
