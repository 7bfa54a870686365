import { expect, test } from 'vitest'
import * as library from '../../src/index.ts'
import * as service from '../../src/service.ts'

test('the library exports these names and no others', () => {
  expect(Object.keys(library).toSorted()).toEqual([
    'DefaultReplicationPolicy',
    'IdentityReplicationPolicy',
    'MirrorClient',
    'MirrorError',
    'OffsetsTimeoutError',
    'RemoteClusterUtils',
    'RemoteOffsets',
    'decodeCheckpoint',
    'decodeHeartbeat',
    'decodeOffsetSync',
    'encodeCheckpoint',
    'encodeHeartbeat',
    'encodeOffsetSync',
    'encodeRecords',
    'errorCodes',
    'formatCheckpoint',
    'formatHeartbeat',
    'formatOffsetSync'
  ])
})

test('the service exports these names and no others', () => {
  expect(Object.keys(service).toSorted()).toEqual(['MirrorError', 'createLogger', 'createMirrorMaker', 'silentLogger'])
})
