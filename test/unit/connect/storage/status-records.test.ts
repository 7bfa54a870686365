import { describe, expect, it } from 'vitest'
import {
  connectorStatusKey,
  parseStatusRecord,
  statusValue,
  taskStatusKey,
  topicStatusKey,
  topicValue
} from '../../../../src/connect/storage/status-records.ts'
import { type StoredStatus } from '../../../../src/connect/storage/status-store.ts'
import { murmur2, partitionOfKey } from '../../../../src/wire/murmur2.ts'

const connector = 'MirrorSourceConnector'
const id = { connector, task: 0 }
const running: StoredStatus = { state: 'RUNNING', trace: null, workerId: 'A->B', generation: 3, version: '4.3.1' }
const parse = (key: string, value: string | null) => parseStatusRecord(key, value === null ? null : Buffer.from(value))

describe('records of the status topic', () => {
  it('have the values of Java 4.3, special characters included', () => {
    expect(statusValue(running)).toBe(
      '{"state":"RUNNING","trace":null,"worker_id":"A->B","generation":3,"version":"4.3.1"}'
    )
    expect(statusValue({ ...running, state: 'FAILED', trace: '\t"\u001f', version: null })).toBe(
      String.raw`{"state":"FAILED","trace":"\t\"\u001F","worker_id":"A->B","generation":3,"version":null}`
    )
    expect(topicValue('A.t1', id, 1729814581000)).toBe(
      `{"topic":{"name":"A.t1","connector":"${connector}","task":0,"discoverTimestamp":1729814581000}}`
    )
  })

  it.each([
    [connectorStatusKey(connector), `status-connector-${connector}`, -999848347, 1],
    [taskStatusKey(id), `status-task-${connector}-0`, -807689204, 4],
    [topicStatusKey('A.t1', connector), `status-topic-A.t1:connector-${connector}`, 1040163565, 0]
  ])('have the key %s, which belongs where Java puts it', (key, expected, hash, partition) => {
    expect(key).toBe(expected)
    expect(murmur2(Buffer.from(key))).toBe(hash)
    expect(partitionOfKey(Buffer.from(key), 5)).toBe(partition)
  })

  it('say when read what was written, with or without a version', () => {
    expect(parse(taskStatusKey({ connector: 'x-1', task: 2 }), statusValue(running))).toEqual({
      kind: 'task',
      id: { connector: 'x-1', task: 2 },
      status: running
    })
    const old = '{"state":"STOPPED","trace":null,"worker_id":"A->B","generation":3}'
    const status = { ...running, state: 'STOPPED', version: null }
    expect(parse('status-connector-c', old)).toEqual({ kind: 'connector', connector: 'c', status })
    expect(parse('status-connector-c', null)).toEqual({ kind: 'connector', connector: 'c', status: null })
    const topic = { kind: 'topic', connector, topic: 'A.t1' }
    expect(parse(topicStatusKey('A.t1', connector), topicValue('A.t1', id, 1))).toEqual({ ...topic, isActive: true })
    expect(parse(topicStatusKey('A.t1', connector), null)).toEqual({ ...topic, isActive: false })
  })

  it.each([
    ['other', '{}'],
    ['status-connector-c', 'no json'],
    ['status-connector-c', 'null'],
    ['status-connector-c', ''],
    ['status-connector-c', '{"state":"DANCING","trace":null,"worker_id":"w","generation":3}'],
    ['status-connector-c', '{"state":"RUNNING","trace":null,"worker_id":"w","generation":3.5}'],
    ['status-connector-c', '{"state":"RUNNING","trace":null,"worker_id":"w","generation":3,"version":4}'],
    ['status-task-c', statusValue(running)],
    ['status-topic-t', null],
    ['status-topic-t:connector-c', '{"topic":{"name":"other","connector":"c","task":0,"discoverTimestamp":1}}']
  ])('%s %s cannot be understood, and it says why', (key, value) => {
    expect(parse(key, value)).toEqual(expect.any(String))
  })
})
