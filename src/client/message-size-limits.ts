import { type Clock } from '../base/clock.ts'
import { type Cluster } from './cluster.ts'
import { describeTopicConfigs } from './topic-configs.ts'

/** An operator who raises the limit should not have to wait for a restart. */
const trustedForMs = 60_000

/** `max.message.bytes` of topics, asked for when a broker refused a batch for its size. */
export class MessageSizeLimits {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly bytes: Promise<number | null>; readonly askedMs: number }>()

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster
    this.#clock = clock
  }

  /** Bytes that a batch may have with its 12 byte prefix, or null when the cluster does not tell (no permission). */
  async of(topic: string): Promise<number | null> {
    const now = this.#clock.monotonic()
    let known = this.#known.get(topic)
    if (known === undefined || now - known.askedMs > trustedForMs) {
      known = { bytes: this.#ask(topic), askedMs: now }
      this.#known.set(topic, known)
    }
    return await known.bytes
  }

  async #ask(topic: string): Promise<number | null> {
    try {
      const [configs] = await describeTopicConfigs(this.#cluster, [topic], ['max.message.bytes'])
      const bytes = Number(configs?.entries.find((entry) => entry.name === 'max.message.bytes')?.value)
      return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
    } catch {
      return null
    }
  }
}
