/** What brokers tell of groups. */
import { describeGroups } from '../../../src/wire/api/15-describe-groups.ts'
import { listGroups } from '../../../src/wire/api/16-list-groups.ts'
import { consumerGroupDescribe } from '../../../src/wire/api/69-consumer-group-describe.ts'
import { wireCase, type WireCase } from './wire-case.ts'

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')

export const groupStateCases: readonly WireCase[] = [
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
  wireCase(listGroups, { states: ['Stable', 'Empty'], types: ['Classic', 'Consumer'] }, (version) => ({
    throttleTimeMs: version >= 1 ? 5 : 0,
    errorCode: 14,
    groups: [
      {
        groupId: 'billing',
        protocolType: 'consumer',
        state: version >= 4 ? 'Stable' : '',
        type: version >= 5 ? 'classic' : ''
      },
      {
        groupId: 'größe',
        protocolType: '',
        state: version >= 4 ? 'Empty' : '',
        type: version >= 5 ? 'consumer' : ''
      }
    ]
  })),
  wireCase(consumerGroupDescribe, { groups: ['billing', 'audit'] }, () => ({
    throttleTimeMs: 5,
    groups: [
      {
        errorCode: 0,
        errorMessage: null,
        groupId: 'billing',
        state: 'Stable',
        members: [{ memberId: 'm-1', clientId: 'c', clientHost: '/10.0.0.1' }]
      },
      { errorCode: 69, errorMessage: 'Group audit not found.', groupId: 'audit', state: '', members: [] }
    ]
  }))
]
