import { Backoff } from '../../base/backoff.ts'
import { type CancelTimer, type Clock } from '../../base/clock.ts'
import { asError, failureKind, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type ConfigStore } from '../storage/config-store.ts'
import { type Worker } from '../worker/worker.ts'
import { type SubmitTaskConfigs } from './herder-options.ts'
import { type Membership } from './membership.ts'
import { type RequestQueue } from './request-queue.ts'
import { RequestError } from './request-error.ts'
import { TaskConfigComparison } from './task-config-comparison.ts'

export interface TaskReconfigurationOptions {
  readonly worker: Worker
  readonly config: ConfigStore
  readonly membership: Membership
  readonly queue: RequestQueue
  /** Undefined while internal REST is off. */
  readonly submitTaskConfigs: SubmitTaskConfigs | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** One connector's wish for new task configs, until it is fulfilled. */
interface Wish {
  readonly connector: string
  readonly sinceMs: number
  readonly backoff: Backoff
  cancel: CancelTimer
  /** On its way to the leader. */
  isSubmitting: boolean
  /** Came again meanwhile. */
  isRenewed: boolean
  /** Kind of the last failure: each is told once. */
  failure: string | undefined
}

const retryPauses = { initialMs: 250, maxMs: 60_000 }

/** A refused signature within this time after the wish: the session key is being replaced. */
const keyRotationMs = 60_000

/**
 * Generates task configs of connectors that run here and brings them into the config topic: by itself as leader, through the
 * leader's internal REST endpoint else. Repeated until it succeeds (spec 4.2).
 */
export class TaskReconfiguration {
  readonly #options: TaskReconfigurationOptions
  readonly #comparison: TaskConfigComparison
  readonly #wishes = new Map<string, Wish>()
  #isRestMissingTold = false

  constructor(options: TaskReconfigurationOptions) {
    this.#options = options
    this.#comparison = new TaskConfigComparison((config) => options.worker.resolve(config))
  }

  /** From any turn of the program. */
  request(connector: string): void {
    const { clock, random } = this.#options
    const wish = this.#wishes.get(connector) ?? {
      connector,
      sinceMs: clock.monotonic(),
      backoff: new Backoff(retryPauses, random),
      cancel: () => undefined,
      isSubmitting: false,
      isRenewed: false,
      failure: undefined
    }
    this.#wishes.set(connector, wish)
    if (wish.isSubmitting) wish.isRenewed = true
    else this.#schedule(wish, 0)
  }

  #schedule(wish: Wish, delayMs: number): void {
    wish.cancel()
    wish.cancel = this.#options.queue.schedule(delayMs, () => this.#fulfil(wish))
  }

  async #fulfil(wish: Wish): Promise<void> {
    const { config, membership } = this.#options
    const { connector } = wish
    try {
      const configs = await this.#generate(connector)
      const snapshot = config.snapshot()
      if (configs === undefined || !this.#comparison.hasChanged(snapshot, connector, configs)) {
        this.#wishes.delete(connector)
      } else if (membership.isLeader) {
        await config.putTaskConfigs(connector, configs)
        this.#wishes.delete(connector)
      } else {
        this.#submit(wish, configs)
      }
    } catch (thrown) {
      this.#failed(wish, asError(thrown))
    }
  }

  /** Undefined when the connector is not started here: once it is, it wishes anew. */
  async #generate(connector: string): Promise<readonly ConnectorConfig[] | undefined> {
    const { worker, config } = this.#options
    const snapshot = config.snapshot()
    const current = snapshot.connectorConfig(connector)
    if (current === undefined || snapshot.targetState(connector) !== 'STARTED') return undefined
    try {
      return worker.isRunning(connector) ? await worker.taskConfigs(connector, current) : undefined
    } catch (thrown) {
      if (thrown instanceof MirrorError && thrown.code === 'MIRROR_REQUEST') return undefined
      throw thrown
    }
  }

  /** Beside the loop: the leader may take its time, and may be in need of this worker's turn itself. */
  #submit(wish: Wish, configs: readonly ConnectorConfig[]): void {
    const { membership, submitTaskConfigs } = this.#options
    const url = membership.leaderUrl
    if (submitTaskConfigs === undefined || url === undefined) {
      this.#tellOfMissingRest(wish.connector)
      this.#schedule(wish, wish.backoff.nextMs())
      return
    }
    wish.isSubmitting = true
    wish.isRenewed = false
    submitTaskConfigs(url, wish.connector, configs).then(
      () => {
        wish.isSubmitting = false
        if (wish.isRenewed) this.#schedule(wish, 0)
        else this.#wishes.delete(wish.connector)
      },
      (thrown: unknown) => {
        wish.isSubmitting = false
        this.#failed(wish, asError(thrown))
      }
    )
  }

  #failed(wish: Wish, error: Error): void {
    const { clock, logger } = this.#options
    const { connector } = wish
    const delayMs = wish.backoff.nextMs()
    const isRotation =
      error instanceof RequestError && error.kind === 'forbidden' && clock.monotonic() - wish.sinceMs < keyRotationMs
    const kind = failureKind(error)
    const isTold = isRotation || wish.failure === kind
    if (!isRotation) wish.failure = kind
    const message = 'Task configs could not be brought to the config topic; tried again until they are'
    if (isTold) logger.debug({ connector, err: error, delayMs }, message)
    else logger.warn({ connector, err: error, delayMs }, message)
    this.#schedule(wish, delayMs)
  }

  #tellOfMissingRest(connector: string): void {
    if (this.#isRestMissingTold) return
    this.#isRestMissingTold = true
    this.#options.logger.warn(
      { connector },
      'This worker runs a connector under a leader that it cannot reach: new task configs wait until it leads itself. ' +
        'Set dedicated.mode.enable.internal.rest=true and listeners on all workers'
    )
  }
}
