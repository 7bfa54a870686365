import { type ConnectorConfig } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type PluginDescription } from '../source-connector-plugin.ts'
import { type RestartRequest, type SessionKey } from '../storage/config-store.ts'
import { ActiveTopicRequests } from './active-topic-requests.ts'
import { ConnectorRequests, type PutOptions } from './connector-requests.ts'
import {
  type ConnectorInfo,
  type ConnectorOffset,
  type ConnectorStatus,
  type Herder,
  type HerderHealth,
  type RequestSignature,
  type StateInfo
} from './herder.ts'
import { HerderLoop } from './herder-loop.ts'
import { type DistributedHerderOptions } from './herder-options.ts'
import { OffsetRequests } from './offset-requests.ts'
import { RebalanceExpectedError } from './request-error.ts'
import { verifySignature } from './request-signature.ts'
import { RestartRequests } from './restart-requests.ts'

/** One worker of a Connect group: its loop, and what others may ask of it. */
export class DistributedHerder implements Herder {
  readonly #options: DistributedHerderOptions
  readonly #loop: HerderLoop
  readonly #connectors: ConnectorRequests
  readonly #restarts: RestartRequests
  readonly #offsets: OffsetRequests
  readonly #activeTopics: ActiveTopicRequests

  constructor(options: DistributedHerderOptions) {
    this.#options = options
    this.#loop = new HerderLoop(options, (request) => this.#restarts.execute(request))
    const { context } = this.#loop
    this.#connectors = new ConnectorRequests(context)
    this.#restarts = new RestartRequests(context, (connector) => this.#connectors.type(connector))
    this.#offsets = new OffsetRequests(context)
    this.#activeTopics = new ActiveTopicRequests(options.stores.status, options.settings)
  }

  /** Settles when the loop has ended: undefined after `stop`, the error that ended it otherwise. Never rejects. */
  get done(): Promise<Error | undefined> {
    return this.#loop.done
  }

  /** Whether the coordinator surely counts this worker in: else others may do its work, and it must write nothing. */
  get isLeaseHeld(): boolean {
    return this.#loop.isLeaseHeld
  }

  /** Opens the stores, then starts the loop. Waits for an absent cluster; throws MIRROR_INTERNAL_TOPIC. */
  async start(): Promise<void> {
    await this.#loop.start()
  }

  /** Ends within about `timeoutMs`; later calls wait for the first. See HerderLoop. */
  async stop(timeoutMs: number): Promise<void> {
    await this.#loop.stop(timeoutMs)
  }

  get kafkaClusterId(): string | null {
    return this.#options.kafkaClusterId()
  }

  get sessionKey(): SessionKey | undefined {
    return this.#options.stores.config.snapshot().sessionKey
  }

  async health(): Promise<HerderHealth> {
    return await this.#loop.health.check()
  }

  // Reads answer at once, from what is known: they need no turn of the loop.

  connectors(): Promise<readonly string[]> {
    return answer(() => this.#options.stores.config.snapshot().connectors)
  }

  connectorInfo(name: string): Promise<ConnectorInfo> {
    return answer(() => this.#connectors.info(name))
  }

  taskConfigs(name: string): Promise<readonly { readonly id: ConnectorTaskId; readonly config: ConnectorConfig }[]> {
    return answer(() => this.#connectors.taskConfigs(name))
  }

  connectorStatus(name: string): Promise<ConnectorStatus> {
    return answer(() => this.#restarts.connectorStatus(name))
  }

  taskStatus(id: ConnectorTaskId): Promise<StateInfo & { readonly id: number }> {
    return answer(() => this.#restarts.taskStatus(id))
  }

  activeTopics(name: string): Promise<readonly string[]> {
    return answer(() => this.#activeTopics.read(name))
  }

  resetActiveTopics(name: string): Promise<void> {
    return answer(() => {
      this.#activeTopics.reset(name)
    })
  }

  plugins(): readonly PluginDescription[] {
    return this.#options.plugins.descriptions()
  }

  connectorOffsets(name: string): Promise<readonly ConnectorOffset[]> {
    return this.#offsets.read(name)
  }

  putConnectorConfig(
    name: string,
    config: ConnectorConfig,
    options: PutOptions
  ): Promise<{ readonly isCreated: boolean; readonly info: ConnectorInfo }> {
    return this.#connectors.put(name, config, options)
  }

  patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo> {
    return this.#connectors.patch(name, patch)
  }

  deleteConnector(name: string): Promise<void> {
    return this.#connectors.delete(name)
  }

  async putTaskConfigs(
    name: string,
    configs: readonly ConnectorConfig[],
    signature: RequestSignature | undefined
  ): Promise<void> {
    const { protocol } = this.#loop.group
    // Until it is known whether requests are signed, none is taken.
    if (protocol === undefined) throw new RebalanceExpectedError('This worker is not in the group yet; try again later')
    if (protocol === 'sessioned') {
      const allowedAlgorithms = this.#options.settings['inter.worker.verification.algorithms']
      verifySignature({ signature, allowedAlgorithms, sessionKey: this.sessionKey })
    }
    await this.#connectors.putTaskConfigs(name, configs)
  }

  pauseConnector(name: string): Promise<void> {
    return this.#connectors.setTargetState(name, 'PAUSED')
  }

  resumeConnector(name: string): Promise<void> {
    return this.#connectors.setTargetState(name, 'STARTED')
  }

  stopConnector(name: string): Promise<void> {
    return this.#connectors.stop(name)
  }

  restartConnector(name: string): Promise<void> {
    return this.#restarts.restartConnector(name)
  }

  restartTask(id: ConnectorTaskId): Promise<void> {
    return this.#restarts.restartTask(id)
  }

  restart(request: RestartRequest): Promise<ConnectorStatus> {
    return this.#restarts.restart(request)
  }

  alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<string> {
    return this.#offsets.alter(name, offsets)
  }

  resetOffsets(name: string): Promise<string> {
    return this.#offsets.reset(name)
  }

  putClusterLoggerLevel(logger: string, level: string): Promise<void> {
    return this.#loop.context.queue.submit(() => this.#options.stores.config.putLoggerLevel(logger, level))
  }
}

/** What `read` returns or throws, as the promise of an interface that may be served from afar. */
function answer<T>(read: () => T): Promise<T> {
  return Promise.resolve().then(read)
}
