import { Backoff } from '../base/backoff.ts'
import { type CancelTimer, type Clock } from '../base/clock.ts'
import { type Deferred, deferred } from '../base/deferred.ts'
import { type Random } from '../base/random.ts'
import { type ClientSettings } from '../config/client-settings.ts'

export interface MetadataRefresherOptions {
  readonly settings: ClientSettings
  readonly clock: Clock
  readonly random: Random
  /** One attempt; resolves to false when it failed. Must not reject. */
  readonly refresh: () => Promise<boolean>
}

/** What is waited for, a topic just created or a leader just elected, is most often there in less than a tenth of a second. */
const firstBackoffShare = 1 / 4

/**
 * Decides when metadata is asked for: each metadata.max.age.ms, when somebody asks, and again after a failure. Requests
 * that come together are answered by one refresh, and requests that keep coming are spaced by a growing retry.backoff.
 */
export class MetadataRefresher {
  readonly #options: MetadataRefresherOptions
  readonly #backoff: Backoff
  #cancelTimer: CancelTimer | null = null
  /** clock.monotonic() at which the timer fires; Infinity when none is set. */
  #dueMs = Infinity
  /** clock.monotonic() before which requests must wait. */
  #notBeforeMs = 0
  #endedMs = 0
  #isRunning = false
  #isClosed = false
  /** Asked for while a refresh was running: that one may have read the state before the reason for asking came up. */
  #wantedAgain: 'no' | 'soon' | 'now' = 'no'
  #waiters: Deferred<undefined>[] = []

  constructor(options: MetadataRefresherOptions) {
    this.#options = options
    const { retryBackoffMs, retryBackoffMaxMs: maxMs } = options.settings
    this.#backoff = new Backoff({ initialMs: retryBackoffMs * firstBackoffShare, maxMs }, options.random)
  }

  /** Without waiting for the backoff: for news (a topic to follow), not for retries. */
  refreshNow(): void {
    if (this.#isRunning) this.#wantedAgain = 'now'
    else this.#schedule(this.#options.clock.monotonic())
  }

  refreshSoon(): void {
    if (!this.#isRunning) this.#schedule(Math.max(this.#notBeforeMs, this.#options.clock.monotonic()))
    else if (this.#wantedAgain === 'no') this.#wantedAgain = 'soon'
  }

  /** Resolves when a refresh that started after this call has ended, or at once after `close`. */
  async refreshed(): Promise<void> {
    if (this.#isClosed) return
    const waiter = deferred<undefined>()
    this.#waiters.push(waiter)
    this.refreshSoon()
    await waiter.promise
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(undefined)
  }

  #schedule(dueMs: number): void {
    if (this.#isClosed || dueMs >= this.#dueMs) return
    this.#cancelTimer?.()
    this.#dueMs = dueMs
    this.#cancelTimer = this.#options.clock.schedule(dueMs - this.#options.clock.monotonic(), () => {
      this.#cancelTimer = null
      this.#dueMs = Infinity
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    const { clock, settings, refresh } = this.#options
    const waiters = this.#waiters.splice(0)
    if (clock.monotonic() - this.#endedMs > 2 * settings.retryBackoffMaxMs) this.#backoff.reset()
    this.#isRunning = true
    const succeeded = await refresh()
    this.#isRunning = false
    this.#endedMs = clock.monotonic()
    this.#notBeforeMs = this.#endedMs + this.#backoff.nextMs()
    const wanted = this.#wantedAgain
    this.#wantedAgain = 'no'
    this.#schedule(this.#endedMs + settings.metadataMaxAgeMs)
    if (!succeeded || wanted === 'soon') this.#schedule(this.#notBeforeMs)
    if (wanted === 'now') this.#schedule(this.#endedMs)
    for (const waiter of waiters) waiter.resolve(undefined)
  }
}
