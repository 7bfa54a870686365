import { expect, it } from 'vitest'
import { parseIniFile } from '../../../src/config/ini-file.ts'

it('flattens sections to the keys of the properties form, every value as text', () => {
  const file = [
    'clusters = A, us.east',
    'emit.heartbeats.enabled = false',
    '[A]',
    'bootstrap.servers = a:9092',
    'sasl.jaas.config = "x required username=\\"u\\" password=\\"p;#\\";"',
    '[A.consumer]',
    'fetch.min.bytes = 5',
    '[us.east]',
    'bootstrap.servers = e:9092',
    '[A->us.east]',
    'topics[] = x',
    'topics[] = y',
    'enabled = true',
    'client.id = null'
  ]
  expect(Object.fromEntries(parseIniFile(Buffer.from(file.join('\n'))))).toEqual({
    clusters: 'A, us.east',
    'emit.heartbeats.enabled': 'false',
    'A.bootstrap.servers': 'a:9092',
    'A.sasl.jaas.config': 'x required username="u" password="p;#";',
    'A.consumer.fetch.min.bytes': '5',
    'us.east.bootstrap.servers': 'e:9092',
    'A->us.east.topics': 'x,y',
    'A->us.east.enabled': 'true',
    'A->us.east.client.id': 'null'
  })
})
