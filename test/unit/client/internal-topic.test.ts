import { expect, it } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { type TopicMetadata } from '../../../src/client/cluster.ts'
import { ensureCompactedTopic } from '../../../src/client/internal-topic.ts'
import { createTopics } from '../../../src/wire/api/19-create-topics.ts'
import { type ApiMessage } from '../../../src/wire/api-message.ts'
import { FakeLogCluster } from '../../support/fake-log-cluster.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const topic = 'mm2-offset-map.A.internal'
const unknown: TopicMetadata = { name: topic, topicId: null, errorCode: 3, isInternal: false, partitions: [] }

/** A controller that has created the topic, and brokers that show it only later. */
class LateCluster extends FakeLogCluster {
  readonly #clock: ManualClock
  readonly #lateMs: number

  constructor(clock: ManualClock, lateMs: number) {
    super()
    this.#clock = clock
    this.#lateMs = lateMs
    this.create(topic, 1)
  }

  override topic(name: string): TopicMetadata | undefined {
    return this.#clock.monotonic() < this.#lateMs ? unknown : super.topic(name)
  }

  override async describeTopics(): Promise<TopicMetadata[]> {
    return await Promise.resolve([unknown])
  }

  override async refreshed(): Promise<void> {
    await this.#clock.advance(1000)
  }

  override async request<Request, Response>(
    target: object,
    api: ApiMessage<Request, Response>,
    request: Request
  ): Promise<Response> {
    if (api.name !== createTopics.name) return await super.request(target, api, request)
    return { throttleTimeMs: 0, topics: [{ name: topic, errorCode: 0, errorMessage: null }] } as Response
  }
}

async function opened(lateMs: number): Promise<number> {
  const clock = new ManualClock()
  const cluster = new LateCluster(clock, lateMs)
  const shape = { topic, partitions: 1, replicationFactor: 1, configs: {} }
  return await ensureCompactedTopic({ cluster, clock, logger: silentLogger, patienceMs: 5_000, ...shape })
}

it('a topic that was created is waited for as long as busy brokers need to show it, whatever the patience', async () => {
  await expect(opened(500_000)).resolves.toBe(1)
  await expect(opened(1_000_000)).rejects.toThrow('is not visible (UNKNOWN_TOPIC_OR_PARTITION (3))')
})
