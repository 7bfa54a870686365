import { type Clock, endsWithin } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { asError, type MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Cluster } from '../../client/cluster.ts'
import { FollowedLog } from '../../client/followed-log.ts'
import { decodeCheckpoint } from '../../mirror-client/checkpoint.ts'
import { OffsetSyncStore } from '../../mirror-client/offset-sync-store.ts'
import { decodeOffsetSync } from '../../mirror-client/offset-sync.ts'
import { BrokerError, brokerErrors } from '../../wire/error-codes.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type CheckpointStore } from './checkpoint-store.ts'

/** A topic and the cluster that it is read from; closed by who made it. */
export interface InputTopic {
  readonly cluster: Cluster
  readonly topic: string
}

export interface CheckpointInputsOptions {
  /** On the target. */
  readonly checkpoints: InputTopic
  readonly offsetSyncs: InputTopic
  /** Gets the earlier checkpoints. */
  readonly store: CheckpointStore
  /** For messages: `A->B`. */
  readonly route: string
  readonly clock: Clock
  readonly logger: Logger
}

interface Input {
  /** For messages. */
  readonly what: string
  /** May throw for a record that is malformed: it is left out. */
  readonly onRecord: (key: Buffer, value: Buffer) => void
  readonly onTrouble?: (error: MirrorError) => void
}

/** A topic of checkpoints that has not turned up by then is a new one: there is nothing in it to wait for. */
const missingTopicPatienceMs = 30_000
/** For the first round of checkpoints to have the offset syncs; it does without, where they cannot be read. */
const offsetSyncsPatienceMs = 10_000

/**
 * What a checkpoint task reads of what was written before it, and beside it: earlier checkpoints once, offset syncs as long as
 * it runs. Neither is ever given up: what cannot be read is told once, and tried until it can.
 */
export class CheckpointInputs {
  readonly #options: CheckpointInputsOptions
  readonly #failures = new LastingFailures()
  readonly #closing = new AbortController()
  readonly #logs: FollowedLog[] = []
  #syncs: OffsetSyncStore | undefined

  constructor(options: CheckpointInputsOptions) {
    this.#options = options
  }

  /** Undefined before `start` has got so far. Translates nothing until it has been read to the end. */
  get syncs(): OffsetSyncStore | undefined {
    return this.#syncs
  }

  /** Resolves when there is enough to begin with, or it is closed. Never rejects. */
  async start(): Promise<void> {
    const { clock } = this.#options
    const isLoaded = await this.#loadCheckpoints()
    if (this.#closing.signal.aborted) return
    await endsWithin(clock, offsetSyncsPatienceMs, this.#followSyncs(new OffsetSyncStore({ mustReadToEnd: !isLoaded })))
  }

  close(): void {
    this.#closing.abort()
    for (const log of this.#logs) log.close()
  }

  /** Whether they have been read. False: it is not known what was emitted before; reading goes on. */
  async #loadCheckpoints(): Promise<boolean> {
    const { store, clock, route, logger, checkpoints } = this.#options
    const outcome = deferred<boolean>()
    let isMissing = false
    const cancelPatience = clock.schedule(missingTopicPatienceMs, () => {
      if (isMissing) outcome.resolve(false)
    })
    const log = this.#open(checkpoints, {
      what: 'earlier checkpoints',
      onRecord: (key, value) => {
        store.load(decodeCheckpoint(key, value))
      },
      onTrouble: (error) => {
        isMissing = error instanceof BrokerError && error.brokerCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
        if (!error.retriable) outcome.resolve(false)
      }
    })
    void this.#untilClosed(log).then((isRead) => {
      outcome.resolve(isRead)
    })
    const isLoaded = await outcome.promise
    cancelPatience()
    if (!isLoaded && !this.#closing.signal.aborted) {
      logger.info({}, `${route}: earlier checkpoints are not known yet; groups far behind may get none for a while`)
    }
    return isLoaded
  }

  async #followSyncs(syncs: OffsetSyncStore): Promise<void> {
    this.#syncs = syncs
    const log = this.#open(this.#options.offsetSyncs, {
      what: 'offset syncs',
      onRecord: (key, value) => {
        syncs.apply(decodeOffsetSync(key, value))
      }
    })
    if (!(await this.#untilClosed(log))) return
    syncs.loaded()
    log.follow()
  }

  /** False when it was closed before the end was reached. */
  async #untilClosed(log: FollowedLog): Promise<boolean> {
    try {
      await log.readToEnd()
      return true
    } catch {
      return false
    }
  }

  #open({ cluster, topic }: InputTopic, { what, onRecord, onTrouble }: Input): FollowedLog {
    const { clock, logger } = this.#options
    const log = new FollowedLog({
      ...{ cluster, topic, clock, logger, isolation: 'read_uncommitted' as const },
      onRecord: ({ key, value, offset }) => {
        if (key === null || value === null) return
        try {
          onRecord(key, value)
        } catch (thrown) {
          this.#tell(topic, asError(thrown), `the record of ${topic} at offset ${offset} is left out`)
        }
      },
      onTrouble: (error) => {
        onTrouble?.(error)
        this.#tell(what, error, `${what} cannot be read from ${topic} of ${cluster.alias}; tried until they can`)
      }
    })
    this.#logs.push(log)
    return log
  }

  #tell(subject: string, error: Error, message: string): void {
    const { route, logger } = this.#options
    if (this.#closing.signal.aborted || !this.#failures.isNew(subject, error)) return
    logger.warn({ err: error }, `${route}: ${message}: ${error.message}`)
  }
}
