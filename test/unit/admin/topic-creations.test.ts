import kafkajs, { type ITopicConfig } from 'kafkajs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { type NewTopic } from '../../../src/admin/forwarding-admin.ts'
import { TopicCreations } from '../../../src/admin/topic-creations.ts'
import { asError } from '../../../src/base/errors.ts'

const require = createRequire(import.meta.url)
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode: (code: number) => Error
}
const { KafkaJSCreateTopicError } = require('kafkajs/src/errors') as {
  KafkaJSCreateTopicError: new (error: Error, topic: string) => Error
}
const topicAlreadyExists = 36
const invalidConfig = 40

function topic(name: string, partitions = 1): NewTopic {
  return { topic: name, partitions, replicationFactor: 1, configs: {} }
}

/** What kafkajs throws where the broker has refused topics. */
function refused(codes: Record<string, number>): Error {
  const errors = Object.entries(codes).map(
    ([name, code]) => new KafkaJSCreateTopicError(createErrorFromCode(code), name)
  )
  return new kafkajs.KafkaJSAggregateError('Topic creation errors', errors)
}

/** Sends what was added; the topics of each request, and each topic's outcome or message. */
async function created(
  topics: readonly NewTopic[],
  answer: (names: readonly string[]) => boolean | Error = () => true
): Promise<{ requests: string[][]; outcomes: (boolean | string)[] }> {
  const creations = new TopicCreations('B')
  const requests: string[][] = []
  const outcomes = Promise.allSettled(topics.map((each) => creations.add(each)))
  await creations.send({
    createTopics: (request?: { topics: ITopicConfig[] }) => {
      const names = request?.topics.map((each) => each.topic) ?? []
      requests.push(names)
      const answered = answer(names)
      return typeof answered === 'boolean' ? Promise.resolve(answered) : Promise.reject(answered)
    }
  })
  expect(creations.isEmpty).toBe(true)
  const told = (await outcomes).map((each) => (each.status === 'fulfilled' ? each.value : asError(each.reason).message))
  return { requests, outcomes: told }
}

it('sends together what waits, up to 500 partitions a request, and a larger topic alone', async () => {
  const { requests, outcomes } = await created([
    topic('a', 300),
    topic('b', 200),
    topic('c'),
    topic('d', 900),
    topic('e')
  ])
  expect(requests).toEqual([['a', 'b'], ['c'], ['d'], ['e']])
  expect(outcomes).toEqual([true, true, true, true, true])
})

it('never asks for a topic twice in a request', async () => {
  const { requests, outcomes } = await created([topic('a'), topic('b'), topic('a')], (names) => names.length > 1)
  expect(requests).toEqual([['a', 'b'], ['a']])
  expect(outcomes).toEqual([true, true, false])
})

it('tells each topic what became of it', async () => {
  const { outcomes } = await created([topic('new'), topic('old'), topic('odd')], () =>
    refused({ old: topicAlreadyExists, odd: invalidConfig })
  )
  expect(outcomes).toEqual([true, false, expect.stringContaining('B: create topic odd: INVALID_CONFIG')])
})

it('tells all of them what became of the request, when it was not answered', async () => {
  const { outcomes } = await created([topic('a'), topic('b')], () => new Error('cut off'))
  expect(outcomes).toEqual(['B: create topic a: cut off', 'B: create topic b: cut off'])
})

it('goes on with the next request after one that failed', async () => {
  const { requests, outcomes } = await created([topic('a', 500), topic('b')], ([first]) =>
    first === 'a' ? new Error('cut off') : true
  )
  expect(requests).toEqual([['a'], ['b']])
  expect(outcomes).toEqual([expect.stringContaining('cut off'), true])
})
