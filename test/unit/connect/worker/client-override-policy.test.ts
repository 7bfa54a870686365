import { expect, test } from 'vitest'
import { clientOverridePolicy, taskClientProperties } from '../../../../src/connect/worker/client-override-policy.ts'

const overrides = {
  'producer.override.linger.ms': '7',
  'producer.override.sasl.mechanism': 'PLAIN',
  'admin.override.retries': '1',
  'producer.linger.ms': '9'
}

function propertiesUnder(name: string, allowlist: readonly string[] = []): ReadonlyMap<string, string> {
  const worker = new Map([
    ['bootstrap.servers', 'b:9092'],
    ['producer.linger.ms', '5'],
    ['producer.acks', 'all'],
    ['consumer.x', 'y']
  ])
  const policy = clientOverridePolicy(name, allowlist)
  return taskClientProperties('producer', 'c-0', { worker, connector: overrides, policy })
}

test('the override wins over the worker, which wins over the defaults', () => {
  expect([...propertiesUnder('All')]).toEqual([
    ['bootstrap.servers', 'b:9092'],
    ['client.id', 'connector-producer-c-0'],
    ['linger.ms', '7'],
    ['acks', 'all'],
    ['sasl.mechanism', 'PLAIN']
  ])
})

test.each([
  ['None', [], ['producer.override.linger.ms', 'producer.override.sasl.mechanism', 'admin.override.retries']],
  ['Principal', [], ['producer.override.linger.ms', 'admin.override.retries']],
  ['Allowlist', ['linger.ms', 'retries'], ['producer.override.sasl.mechanism']],
  [
    'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy',
    [],
    ['producer.override.linger.ms', 'producer.override.sasl.mechanism', 'admin.override.retries']
  ]
])('%s refuses the keys that it does not allow, without telling their values', (name, allowlist, refused) => {
  let message = ''
  try {
    propertiesUnder(name, allowlist)
  } catch (thrown) {
    message = String(thrown)
  }
  for (const key of Object.keys(overrides))
    expect([key, message.includes(`${key} =`)]).toEqual([key, refused.includes(key)])
  expect(message).not.toContain('PLAIN')
})

test('an unknown policy is refused', () => {
  expect(() => clientOverridePolicy('toString')).toThrow('one of All, None, Principal, Allowlist')
})
