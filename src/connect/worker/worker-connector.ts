import { type Clock, endsWithin } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type TargetState } from '../connector-config.ts'
import { type SourceConnector } from '../source-connector.ts'
import { type ReportState } from './status-reporter.ts'

export type ReachedState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED'

export interface WorkerConnectorOptions {
  readonly name: string
  /** Called at each start: an instance runs once. */
  readonly create: () => SourceConnector
  readonly onReconfigurationRequest: () => void
  readonly report: ReportState
  readonly clock: Clock
  readonly logger: Logger
}

/** How long a connector may take to stop (spec 4.6). */
const connectorStopTimeoutMs = 5000

/**
 * One connector and its states (spec 4.1). Requests for a state are worked off one at a time; when several come in
 * meanwhile only the newest counts. FAILED is left by STOPPED alone, else by a new WorkerConnector.
 *
 *   INIT, PAUSED, STOPPED -> STARTED   a new instance starts            RUNNING
 *   any but FAILED        -> PAUSED    the instance stops               PAUSED
 *   any                   -> STOPPED   the instance stops               STOPPED
 *   an error                           the instance is left behind      FAILED
 */
export class WorkerConnector {
  readonly #options: WorkerConnectorOptions
  #state: 'INIT' | 'STARTED' | 'PAUSED' | 'STOPPED' | 'FAILED' = 'INIT'
  #requested: TargetState | undefined
  #moving: Promise<void> | undefined
  /** Starting or started. */
  #instance: SourceConnector | undefined
  #stopped: Promise<void> | undefined
  /** Abandoned: nothing that comes late is heard. */
  #isMuted = false

  constructor(options: WorkerConnectorOptions) {
    this.#options = options
  }

  /** The instance while the connector is STARTED. */
  get running(): SourceConnector | undefined {
    return this.#state === 'STARTED' ? this.#instance : undefined
  }

  /** Resolves to the state that was reached once no request is left. */
  async transitionTo(target: TargetState): Promise<ReachedState> {
    this.#requested = target
    this.#moving ??= this.#move()
    await this.#moving
    if (this.#state === 'STARTED') return 'RUNNING'
    return this.#state === 'INIT' ? 'STOPPED' : this.#state
  }

  /** The first cause stays; a stop is no place for failures. */
  fail(error: Error): void {
    if (this.#state === 'FAILED' || this.#isStopping()) return
    this.#state = 'FAILED'
    this.#report('FAILED', error)
    void this.#stopInstance()
  }

  /** Ends it for good; at most 5 s, then what still runs is left behind and muted. Never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopWithinLimit()
    return this.#stopped
  }

  async #stopWithinLimit(): Promise<void> {
    const { clock, logger, name } = this.#options
    this.#requested = undefined
    if (await endsWithin(clock, connectorStopTimeoutMs, this.#end())) return
    this.#report('UNASSIGNED')
    this.#isMuted = true
    logger.warn({ connector: name }, 'The connector did not stop in time; it is left behind')
  }

  async #end(): Promise<void> {
    // Also one that is starting: it may be waiting for a cluster that is away.
    const failure = await this.#stopInstance()
    await this.#moving
    if (failure === undefined) this.#report('UNASSIGNED')
    else this.#report('FAILED', failure)
    this.#isMuted = true
  }

  async #move(): Promise<void> {
    for (let target = this.#requested; target !== undefined && !this.#isStopping(); target = this.#requested) {
      this.#requested = undefined
      await this.#step(target)
    }
    // In the same turn as the last look at #requested: a request in between would be lost.
    this.#moving = undefined
  }

  async #step(target: TargetState): Promise<void> {
    if (this.#state === target || (this.#state === 'FAILED' && target !== 'STOPPED')) return
    if (target === 'STARTED') {
      await this.#start()
      return
    }
    const failure = await this.#stopInstance()
    if (this.#isStopping() || (this.#hasFailed() && target === 'PAUSED')) return
    if (failure !== undefined && target === 'PAUSED') {
      this.fail(failure)
      return
    }
    this.#state = target
    this.#report(target)
  }

  async #start(): Promise<void> {
    const { create, onReconfigurationRequest } = this.#options
    try {
      const instance = create()
      this.#instance = instance
      await instance.start({
        requestTaskReconfiguration: () => {
          if (this.#instance === instance && !this.#isMuted) onReconfigurationRequest()
        },
        raiseError: (error) => {
          if (this.#instance === instance) this.fail(error)
        }
      })
      // Failed or stopped meanwhile.
      if (this.#instance !== instance) return
      this.#state = 'STARTED'
      this.#report('RUNNING')
    } catch (thrown) {
      this.fail(asError(thrown))
    }
  }

  /** The error of the stop, if any. */
  async #stopInstance(): Promise<Error | undefined> {
    const instance = this.#instance
    this.#instance = undefined
    try {
      await instance?.stop()
      return undefined
    } catch (thrown) {
      const err = asError(thrown)
      this.#options.logger.warn({ connector: this.#options.name, err }, 'The connector did not stop cleanly')
      return err
    }
  }

  #report(state: Parameters<ReportState>[0], error?: Error): void {
    if (!this.#isMuted) this.#options.report(state, error)
  }

  #hasFailed(): boolean {
    return this.#state === 'FAILED'
  }

  #isStopping(): boolean {
    return this.#stopped !== undefined
  }
}
