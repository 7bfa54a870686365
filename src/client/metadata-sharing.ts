import { type Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { withinLimits } from './deadline.ts'
import { type MetadataAnswer } from './metadata-state.ts'

/** Sends one request, for these topics. */
export type AskMetadata = (topics: readonly string[]) => Promise<MetadataAnswer>

/** Refreshes of one client that others may answer. */
export interface MetadataChannel {
  /** The answer to a request that was sent after this call; it may tell of further topics. */
  ask(topics: readonly string[], request: AskMetadata): Promise<MetadataAnswer>
}

/** A request that has not been sent yet, for all who ask meanwhile. */
interface Round {
  readonly topics: Set<string>
  /** Undefined when the one who sends it got no answer. */
  readonly answer: Promise<MetadataAnswer | undefined>
}

/** A broker that hangs must hold up only who asked it: after this long everybody asks for himself. */
const longestWaitMs = 2000

/**
 * Lets clients of one cluster share Metadata answers. Round-robin assignment gives each task a few partitions of every topic, so
 * that each of twenty tasks follows all topics, at the source and at the target: asked for and kept by each of them, the
 * metadata of 10,000 partitions cost more memory and more of the brokers than all else (measured).
 */
export class MetadataSharing {
  readonly #clock: Clock
  readonly #channels = new Map<string, SharedChannel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Shared by clients that are told the same: same brokers to begin with, same principal. */
  channel({ bootstrapServers, security }: Pick<ClientSettings, 'bootstrapServers' | 'security'>): MetadataChannel {
    const key = JSON.stringify([bootstrapServers, security])
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      channel = new SharedChannel(this.#clock)
      this.#channels.set(key, channel)
    }
    return channel
  }
}

const ignore = (): void => undefined

/** One request at a time; who comes while it is under way shares the next. */
class SharedChannel implements MetadataChannel {
  readonly #clock: Clock
  /** Ends with the request, and holds no answer: one that is kept until the next is thousands of objects that grow old. */
  #running: Promise<void> = Promise.resolve()
  #next: Round | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async ask(topics: readonly string[], request: AskMetadata): Promise<MetadataAnswer> {
    const round = this.#next
    if (round === null) return await this.#open(topics, request)
    for (const topic of topics) round.topics.add(topic)
    return (await this.#within(round.answer)) ?? (await request(topics))
  }

  async #open(topics: readonly string[], request: AskMetadata): Promise<MetadataAnswer> {
    const { promise: answer, resolve } = deferred<MetadataAnswer | undefined>()
    const round = { topics: new Set(topics), answer }
    this.#next = round
    await this.#within(this.#running)
    this.#next = null
    this.#running = answer.then(ignore)
    try {
      const response = await request([...round.topics])
      resolve(response)
      return response
    } catch (thrown) {
      resolve(undefined)
      throw thrown
    }
  }

  /** What the promise resolves to, or undefined when that takes too long. */
  async #within<T>(promise: Promise<T>): Promise<T | undefined> {
    const deadline = this.#clock.monotonic() + longestWaitMs
    return await withinLimits(promise, { clock: this.#clock, deadline, what: 'Metadata' }).catch(() => undefined)
  }
}
