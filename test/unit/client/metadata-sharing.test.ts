import { describe, expect, it } from 'vitest'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import { type MetadataAnswer } from '../../../src/client/metadata-state.ts'
import { MetadataSharing } from '../../../src/client/metadata-sharing.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const plaintext = { protocol: 'PLAINTEXT', tls: null, sasl: null } as const
const bootstrapServers = [{ host: 'a', port: 9092 }]

interface Sent {
  readonly topics: readonly string[]
  readonly answer: Deferred<MetadataAnswer>
}

function answerOf(clusterId: string): MetadataAnswer {
  return { brokers: [], clusterId, controllerId: 1, topics: [] }
}

function setUp() {
  const clock = new ManualClock()
  const channel = new MetadataSharing(clock).channel({ bootstrapServers, security: plaintext })
  const sent: Sent[] = []
  const request = (topics: readonly string[]): Promise<MetadataAnswer> => {
    const answer = deferred<MetadataAnswer>()
    sent.push({ topics, answer })
    return answer.promise
  }
  return { clock, sent, ask: (...topics: string[]) => channel.ask(topics, request) }
}

describe('MetadataSharing', () => {
  it('answers all who ask while a request is under way by one that is sent after it', async () => {
    const { sent, ask } = setUp()
    const first = ask('x')
    await settle()
    const others = [ask('x', 'y'), ask('z'), ask('y')]
    await settle()
    expect(sent.map(({ topics }) => topics)).toEqual([['x']])
    sent[0]?.answer.resolve(answerOf('early'))
    await settle()
    expect(sent.map(({ topics }) => topics)).toEqual([['x'], ['x', 'y', 'z']])
    sent[1]?.answer.resolve(answerOf('late'))
    expect((await first).clusterId).toBe('early')
    const answers = await Promise.all(others)
    expect(answers.map(({ clusterId }) => clusterId)).toEqual(['late', 'late', 'late'])
    expect(new Set(answers).size).toBe(1)
  })

  it('lets everybody ask for himself where the one who asked for all fails', async () => {
    const { sent, ask } = setUp()
    const first = ask('x')
    const second = ask('y')
    await settle()
    sent[0]?.answer.reject(new Error('his connection broke'))
    await expect(first).rejects.toThrow('his connection broke')
    await settle()
    expect(sent.map(({ topics }) => topics)).toEqual([['x', 'y'], ['y']])
    sent[1]?.answer.resolve(answerOf('own'))
    expect((await second).clusterId).toBe('own')
  })

  it('lets nobody wait long for a broker that only another one has asked', async () => {
    const { clock, sent, ask } = setUp()
    void ask('x')
    await settle()
    const second = ask('y')
    const third = ask('z')
    await clock.advance(2000)
    expect(sent.map(({ topics }) => topics).slice(1)).toContainEqual(['z'])
    for (const { answer } of sent.slice(1)) answer.resolve(answerOf('told'))
    expect((await Promise.all([second, third])).map(({ clusterId }) => clusterId)).toEqual(['told', 'told'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('keeps clients apart that log in as different principals', () => {
    const sharing = new MetadataSharing(new ManualClock())
    const of = (username: string) =>
      sharing.channel({
        bootstrapServers,
        security: { protocol: 'SASL_PLAINTEXT', tls: null, sasl: { mechanism: 'PLAIN', username, password: 'p' } }
      })
    expect(of('alice')).toBe(of('alice'))
    expect(of('alice')).not.toBe(of('bob'))
  })
})
