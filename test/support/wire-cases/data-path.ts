import { produce } from '../../../src/wire/api/00-produce.ts'
import { fetch } from '../../../src/wire/api/01-fetch.ts'
import { listOffsets } from '../../../src/wire/api/02-list-offsets.ts'
import { metadata } from '../../../src/wire/api/03-metadata.ts'
import { wireCase, type WireCase } from './wire-case.ts'

const topicId = Buffer.from('AQIDBAUGBwgJCgsMDQ4PEA', 'base64url')
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')

export const dataPathCases: readonly WireCase[] = [
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
            leaderEpoch: version >= 7 ? 5 : -1
          },
          {
            errorCode: 5,
            partition: 1,
            leader: -1,
            leaderEpoch: version >= 7 ? 6 : -1
          }
        ]
      },
      { errorCode: 3, name: 'missing', topicId: null, isInternal: true, partitions: [] }
    ]
  }))
]
