import { expect, it } from 'vitest'
import { MirrorError } from '../../../src/base/errors.ts'
import { Reachability } from '../../../src/client/reachability.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'

const failure = { addresses: ['b:9092'], cause: new MirrorError('MIRROR_NETWORK', 'refused', { retriable: true }) }
const first = {}
const second = {}
const third = {}

it('is told once by clients that share it: by the first that misses a cluster and the last that has it back', () => {
  const log: string[] = []
  const reachability = new Reachability(recordingLogger(log))
  for (const client of [first, second, first, second]) reachability.missed(client, 'B', failure)
  reachability.reached(third, 'B')
  expect(log).toEqual([expect.stringMatching(/^warn: No broker of cluster B can be reached at b:9092 \(refused\)/)])
  reachability.reached(first, 'B')
  reachability.missed(first, 'B', failure)
  reachability.reached(second, 'B')
  expect(log).toHaveLength(1)
  reachability.reached(first, 'B')
  reachability.reached(first, 'B')
  expect(log.slice(1)).toEqual(['info: Cluster B is reachable again'])
})

it('keeps clusters apart and does not wait for clients that were closed', () => {
  const log: string[] = []
  const reachability = new Reachability(recordingLogger(log))
  reachability.missed(first, 'A', failure)
  reachability.missed(first, 'B', failure)
  reachability.missed(second, 'B', failure)
  reachability.closed(second, 'B')
  reachability.reached(first, 'B')
  expect(log.map((line) => line.slice(0, 30))).toEqual([
    'warn: No broker of cluster A c',
    'warn: No broker of cluster B c',
    'info: Cluster B is reachable a'
  ])
})

it('tells of a broker once: by the first sender that misses it and the first of those that has it back', () => {
  const log: string[] = []
  const reachability = new Reachability(recordingLogger(log))
  const broker = { alias: 'B', nodeId: 1 }
  for (const sender of [first, second, first]) reachability.brokerMissed(sender, broker, failure.cause)
  reachability.brokerMissed(first, { alias: 'B', nodeId: 2 }, failure.cause)
  reachability.brokerReached(broker)
  reachability.brokerReached(broker)
  reachability.brokerMissed(second, broker, failure.cause)
  // What was told ends with the last who could tell otherwise.
  reachability.brokerClosed(second, broker)
  reachability.brokerMissed(third, broker, failure.cause)
  const missed = (nodeId: number) => `warn: Broker ${nodeId} of cluster B cannot be written to (refused); trying on`
  const again = 'info: Broker 1 of cluster B can be written to again'
  expect(log).toEqual([missed(1), missed(2), again, missed(1), missed(1)])
})
