import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/*
 * Writes test/compat/vectors/kafkajs-2.2.4.json: the requests of test/support/wire-cases as kafkajs encodes them, in
 * every version that both speak. Run with `npx tsx dev/kafkajs-vectors.ts`.
 */

type EncodeRequest = (values: object) => { encode(): Promise<{ buffer: Buffer }> }

interface Source {
  readonly name: string
  readonly folder: string
  readonly versions: readonly number[]
  readonly values: object
}

const load = createRequire(import.meta.url)
const topicPartitions = (topic: string, partitions: readonly object[]) => [{ topic, partitions }]

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const sources: readonly Source[] = [
  {
    name: 'Produce',
    folder: 'produce',
    versions: [3, 4, 5, 6, 7],
    values: {
      acks: -1,
      timeout: 30000,
      topicData: topicPartitions('A.orders', [
        {
          partition: 0,
          firstSequence: 5,
          messages: [{ key: 'k', value: 'v', timestamp: 1700000000000, headers: { h: 'x' } }]
        },
        { partition: 7, firstSequence: 0, messages: [{ key: null, value: null, timestamp: 1700000000001 }] }
      ])
    }
  },
  {
    name: 'Fetch',
    folder: 'fetch',
    versions: [4, 5, 6, 7, 8, 9, 10, 11],
    values: {
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 52428800,
      isolationLevel: 1,
      sessionId: 77,
      sessionEpoch: 3,
      topics: topicPartitions('orders', [
        { partition: 0, currentLeaderEpoch: 5, fetchOffset: '4503599627370497', maxBytes: 1048576 },
        { partition: 1, currentLeaderEpoch: -1, fetchOffset: '0', maxBytes: 65536 }
      ]),
      forgottenTopics: [{ topic: 'gone', partitions: [4, 5] }],
      rackId: 'eu-1'
    }
  },
  {
    name: 'ListOffsets',
    folder: 'listOffsets',
    versions: [2, 3],
    values: {
      replicaId: -1,
      isolationLevel: 1,
      topics: topicPartitions('orders', [
        { partition: 0, timestamp: '-2' },
        { partition: 1, timestamp: '1700000000000' }
      ])
    }
  },
  {
    name: 'Metadata',
    folder: 'metadata',
    versions: [4, 5, 6],
    values: { topics: ['orders'], allowAutoTopicCreation: false }
  },
  {
    name: 'OffsetCommit',
    folder: 'offsetCommit',
    versions: [3, 4, 5],
    values: {
      groupId: 'billing',
      groupGenerationId: -1,
      memberId: '',
      retentionTime: '-1',
      topics: topicPartitions('A.orders', [
        { partition: 0, offset: '42', metadata: 'note' },
        { partition: 1, offset: '43' }
      ])
    }
  },
  {
    name: 'OffsetFetch',
    folder: 'offsetFetch',
    versions: [3, 4],
    values: { groupId: 'billing', topics: topicPartitions('orders', [{ partition: 0 }, { partition: 1 }]) }
  },
  {
    name: 'FindCoordinator',
    folder: 'findCoordinator',
    versions: [1, 2],
    values: { coordinatorKey: 'billing', coordinatorType: 0 }
  },
  {
    name: 'JoinGroup',
    folder: 'joinGroup',
    versions: [2, 3, 4, 5],
    values: {
      groupId: 'A-mm2',
      sessionTimeout: 10000,
      rebalanceTimeout: 60000,
      memberId: 'm-1',
      protocolType: 'connect',
      groupProtocols: [{ name: 'sessioned', metadata: Buffer.from([0, 2]) }, { name: 'default' }]
    }
  },
  {
    name: 'Heartbeat',
    folder: 'heartbeat',
    versions: [1, 2, 3],
    values: { groupId: 'A-mm2', groupGenerationId: 7, memberId: 'm-1', groupInstanceId: null }
  },
  {
    name: 'LeaveGroup',
    folder: 'leaveGroup',
    versions: [1, 2, 3],
    values: { groupId: 'A-mm2', memberId: 'm-1', members: [{ memberId: 'm-1' }] }
  },
  {
    name: 'SyncGroup',
    folder: 'syncGroup',
    versions: [1, 2, 3],
    values: {
      groupId: 'A-mm2',
      generationId: 7,
      memberId: 'm-1',
      groupAssignment: [
        { memberId: 'm-1', memberAssignment: Buffer.from([0, 2, 0, 0]) },
        { memberId: 'm-2', memberAssignment: Buffer.alloc(0) }
      ]
    }
  },
  {
    name: 'DescribeGroups',
    folder: 'describeGroups',
    versions: [0, 1, 2],
    values: { groupIds: ['billing', 'A-mm2'] }
  },
  { name: 'SaslHandshake', folder: 'saslHandshake', versions: [1], values: { mechanism: 'SCRAM-SHA-256' } },
  { name: 'ApiVersions', folder: 'apiVersions', versions: [0, 1, 2], values: {} },
  {
    name: 'CreateTopics',
    folder: 'createTopics',
    versions: [2, 3],
    values: {
      topics: [
        {
          topic: 'A.orders',
          numPartitions: 6,
          replicationFactor: 3,
          configEntries: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'retention.ms', value: null }
          ]
        }
      ],
      timeout: 30000,
      validateOnly: true
    }
  },
  {
    name: 'InitProducerId',
    folder: 'initProducerId',
    versions: [0, 1],
    values: { transactionalId: null, transactionTimeout: 60000 }
  },
  {
    name: 'DescribeConfigs',
    folder: 'describeConfigs',
    versions: [1, 2],
    values: {
      resources: [
        { type: 2, name: 'orders' },
        { type: 4, name: '1', configNames: ['message.max.bytes'] }
      ],
      includeSynonyms: true
    }
  },
  {
    name: 'SaslAuthenticate',
    folder: 'saslAuthenticate',
    versions: [0, 1],
    values: { authBytes: withLength(Buffer.from('\0user\0secret')) }
  },
  {
    name: 'CreatePartitions',
    folder: 'createPartitions',
    versions: [0, 1],
    values: { topicPartitions: [{ topic: 'A.orders', count: 12 }], timeout: 30000, validateOnly: false }
  }
]

function isEncodeRequest(module: unknown): module is EncodeRequest {
  return typeof module === 'function'
}

async function encode({ name, folder, values }: Source, version: number): Promise<object> {
  const module: unknown = load(`kafkajs/src/protocol/requests/${folder}/v${version}/request.js`)
  if (!isEncodeRequest(module)) throw new Error(`kafkajs has no ${folder} v${version}`)
  const { buffer } = await module(values).encode()
  return { name, version, request: buffer.toString('hex'), response: '' }
}

const vectors = await Promise.all(
  sources.flatMap((source) => source.versions.map(async (version) => await encode(source, version)))
)
const path = new URL('../test/compat/vectors/kafkajs-2.2.4.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(vectors, null, 2)}\n`)
