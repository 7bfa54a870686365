import { randomBytes } from 'node:crypto'
import { Backoff } from '../../base/backoff.ts'
import { type Clock } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type ConfigStore, type SessionKey } from '../storage/config-store.ts'
import { type HerderSettings } from './herder-options.ts'
import { defaultKeyBytes } from './request-signature.ts'

export interface SessionKeySettings {
  readonly algorithm: string
  readonly bytes: number
  readonly ttlMs: number
}

export function sessionKeySettings(settings: HerderSettings): SessionKeySettings {
  const algorithm = settings['inter.worker.key.generation.algorithm']
  const bits = settings['inter.worker.key.size']
  const bytes = bits === null ? (defaultKeyBytes(algorithm) ?? 32) : Math.ceil(bits / 8)
  return { algorithm, bytes, ttlMs: settings['inter.worker.key.ttl.ms'] }
}

/** Whether the leader has to write a new key (spec 2.2.8). `nowMs`: wall clock, since the key's age comes from another machine's. */
export function isSessionKeyDue(key: SessionKey | undefined, settings: SessionKeySettings, nowMs: number): boolean {
  if (key === undefined) return true
  const isOther = key.algorithm !== settings.algorithm || key.key.length !== settings.bytes
  return isOther || key.createdAt + settings.ttlMs <= nowMs
}

export interface SessionKeysOptions {
  readonly store: Pick<ConfigStore, 'snapshot' | 'putSessionKey'>
  readonly settings: SessionKeySettings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** The leader's care for the key that signs requests between workers. Written also while internal REST is off, as Java does. */
export class SessionKeys {
  readonly #options: SessionKeysOptions
  readonly #backoff: Backoff
  #retryAtMs = 0

  constructor(options: SessionKeysOptions) {
    this.#options = options
    this.#backoff = new Backoff({ initialMs: 1000, maxMs: 60_000 }, options.random)
  }

  /** To be called in each turn of a leader's loop. Never rejects: requests wait for a key meanwhile, nothing else does. */
  async rotate(): Promise<void> {
    const { store, settings, clock, logger } = this.#options
    if (!isSessionKeyDue(store.snapshot().sessionKey, settings, clock.now())) return
    if (clock.monotonic() < this.#retryAtMs) return
    try {
      const key = randomBytes(settings.bytes)
      await store.putSessionKey({ key, algorithm: settings.algorithm, createdAt: clock.now() })
      this.#backoff.reset()
    } catch (thrown) {
      const delayMs = this.#backoff.nextMs()
      this.#retryAtMs = clock.monotonic() + delayMs
      logger.warn({ err: asError(thrown), delayMs }, 'The session key could not be written; tried again later')
    }
  }
}
