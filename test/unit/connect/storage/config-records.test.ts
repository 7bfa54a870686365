import { describe, expect, it } from 'vitest'
import {
  commitRecord,
  connectorRecord,
  loggerRecord,
  parseConfigRecord,
  restartRecord,
  sessionKeyRecord,
  targetStateRecord,
  taskRecord
} from '../../../../src/connect/storage/config-records.ts'
import { parseJson } from '../../../../src/connect/storage/json-parser.ts'

const key = {
  key: Buffer.from('bXSRMaIZmSydijW7V4QFMFmX/jqkV0Mxg7HZgs3Lqzk=', 'base64'),
  algorithm: 'HmacSHA256',
  createdAt: 1729814581000
}
const request = { connector: 'c', includeTasks: true, onlyFailed: false }

const records = [
  [
    'connector-c',
    '{"properties":{"name":"c","x":null}}',
    connectorRecord('c', { name: 'c', x: null }),
    { kind: 'connector', connector: 'c', config: { name: 'c', x: null } }
  ],
  ['connector-c', null, connectorRecord('c', null), { kind: 'connector', connector: 'c', config: null }],
  [
    'task-x-1-0',
    '{"properties":{"task.index":"0"}}',
    taskRecord({ connector: 'x-1', task: 0 }, { 'task.index': '0' }),
    { kind: 'task', id: { connector: 'x-1', task: 0 }, config: { 'task.index': '0' } }
  ],
  ['commit-c', '{"tasks":2}', commitRecord('c', 2), { kind: 'commit', connector: 'c', tasks: 2 }],
  [
    'target-state-c',
    '{"state":"PAUSED","state.v2":"STOPPED"}',
    targetStateRecord('c', 'STOPPED'),
    { kind: 'targetState', connector: 'c', state: 'STOPPED' }
  ],
  [
    'target-state-c',
    '{"state":"PAUSED","state.v2":"PAUSED"}',
    targetStateRecord('c', 'PAUSED'),
    { kind: 'targetState', connector: 'c', state: 'PAUSED' }
  ],
  ['target-state-c', null, targetStateRecord('c', null), { kind: 'targetState', connector: 'c', state: null }],
  [
    'restart-connector-c',
    '{"include-tasks":true,"only-failed":false}',
    restartRecord(request),
    { kind: 'restart', request }
  ],
  [
    'session-key',
    '{"key":"bXSRMaIZmSydijW7V4QFMFmX/jqkV0Mxg7HZgs3Lqzk=","algorithm":"HmacSHA256","creation-timestamp":1729814581000}',
    sessionKeyRecord(key),
    { kind: 'sessionKey', key }
  ],
  [
    'logger-cluster-a.b',
    '{"level":"DEBUG"}',
    loggerRecord('a.b', 'DEBUG'),
    { kind: 'logger', logger: 'a.b', level: 'DEBUG' }
  ]
] as const

describe('records of the config topic', () => {
  it.each(records)('%s %s is what is written, and says the same when read', (keyText, value, written, meaning) => {
    expect(written).toEqual({
      partition: 0,
      key: Buffer.from(keyText),
      value: value === null ? null : Buffer.from(value)
    })
    expect(parseConfigRecord(keyText, value === null ? null : parseJson(value))).toEqual(meaning)
  })

  it.each([
    ['target-state-c', '{"state":"PAUSED"}', { state: 'PAUSED' }],
    ['target-state-c', '{"state":"STARTED","state.v2":7}', { state: 'STARTED' }],
    [
      'restart-connector-c',
      '{"only-failed":"yes"}',
      { request: { connector: 'c', includeTasks: false, onlyFailed: false } }
    ],
    ['tasks-fencing-c', '{"task-count":3}', { kind: 'fencing' }]
  ])('%s %s is understood too', (keyText, value, meaning) => {
    expect(parseConfigRecord(keyText, parseJson(value))).toMatchObject(meaning)
  })

  it.each([
    ['unknown-c', '{}'],
    ['session-keys', '{}'],
    ['connector-c', '{"properties":{"tasks.max":1}}'],
    ['connector-c', '[]'],
    ['connector-c', '{}'],
    ['task-c', '{"properties":{}}'],
    ['task-c-x', '{"properties":{}}'],
    ['task-c-99999999999', '{"properties":{}}'],
    ['task-c-0', 'null'],
    ['commit-c', 'null'],
    ['commit-c', '{"tasks":"2"}'],
    ['commit-c', '{"tasks":-1}'],
    ['target-state-c', '{"state":"FLYING"}'],
    ['restart-connector-c', 'null'],
    ['session-key', '{"key":"aa","algorithm":"HmacSHA256","creation-timestamp":"now"}'],
    ['logger-cluster-x', 'null']
  ])('%s %s cannot be understood, and it says why', (keyText, value) => {
    expect(parseConfigRecord(keyText, parseJson(value))).toEqual(expect.any(String))
  })
})
