import { MirrorError } from '../../base/errors.ts'
import { CompactedLog, type CompactedLogOptions, type LogAppend } from '../../client/compacted-log.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import {
  commitRecord,
  connectorRecord,
  loggerRecord,
  restartRecord,
  sessionKeyRecord,
  targetStateRecord,
  taskRecord
} from './config-records.ts'
import { ConfigState } from './config-state.ts'
import {
  type ConfigSnapshot,
  type ConfigStore,
  type ConfigStoreListener,
  type RestartRequest,
  type SessionKey
} from './config-store.ts'
import { reportSkipped } from './skipped-record.ts'

/** The topic always has one partition. `isolation`: read_committed where leaders write in transactions. */
export type KafkaConfigStoreOptions = Omit<
  CompactedLogOptions,
  'onRecord' | 'partitions' | 'maxPartitions' | 'isFollowed'
> & {
  /** While false, nothing is written that only a leader writes: another worker may lead by now. */
  readonly isLeaseHeld: () => boolean
}

const writeWithinMs = 30_000

/**
 * Connect's config topic, followed: what other workers write shows within a round trip. Writes are in the words and bytes
 * that Java's workers read. A write that was given up after 30 s may still show later.
 */
export class KafkaConfigStore implements ConfigStore {
  readonly #options: KafkaConfigStoreOptions
  readonly #log: CompactedLog
  readonly #state = new ConfigState()
  /** Undefined while the topic is read for the first time. */
  #listener: ConfigStoreListener | undefined

  constructor(options: KafkaConfigStoreOptions) {
    this.#options = options
    this.#log = new CompactedLog({
      ...options,
      partitions: 1,
      maxPartitions: 1,
      isFollowed: true,
      onRecord: (record) => {
        const problem = this.#state.take(record, this.#listener)
        if (problem !== undefined) reportSkipped(options.logger, options.topic, record, problem)
      }
    })
  }

  async start(listener: ConfigStoreListener): Promise<void> {
    await this.#log.start()
    this.#listener = listener
  }

  snapshot(): ConfigSnapshot {
    return this.#state.snapshot()
  }

  async refresh(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, [() => this.#log.readToEnd()])
  }

  async putConnectorConfig(connector: string, config: ConnectorConfig, targetState?: TargetState): Promise<void> {
    // First the state: the other way round a connector that is to be created stopped would run for a moment.
    const states = targetState === undefined ? [] : [targetStateRecord(connector, targetState)]
    await this.#writeAsLeader([...states, connectorRecord(connector, config)])
  }

  async removeConnectorConfig(connector: string): Promise<void> {
    await this.#writeAsLeader([connectorRecord(connector, null), targetStateRecord(connector, null)])
  }

  async putTaskConfigs(connector: string, configs: readonly ConnectorConfig[]): Promise<void> {
    const tasks = configs.map((config, task) => taskRecord({ connector, task }, config))
    const read = (): Promise<void> => this.#log.readToEnd()
    await this.#within(writeWithinMs, [
      read,
      ...(tasks.length === 0 ? [] : [() => this.#appendAsLeader(tasks), read]),
      () => this.#appendAsLeader([commitRecord(connector, configs.length)]),
      read
    ])
  }

  async putTargetState(connector: string, state: TargetState): Promise<void> {
    await this.#within(writeWithinMs, [() => this.#log.append([targetStateRecord(connector, state)])])
  }

  async putSessionKey(key: SessionKey): Promise<void> {
    await this.#writeAsLeader([sessionKeyRecord(key)])
  }

  async putRestartRequest(request: RestartRequest): Promise<void> {
    await this.#write([restartRecord(request)])
  }

  async putLoggerLevel(logger: string, level: string): Promise<void> {
    await this.#within(writeWithinMs, [() => this.#log.append([loggerRecord(logger, level)])])
  }

  /** Ends running calls. The producer is its owner's. */
  close(): void {
    this.#log.close()
  }

  async #write(records: readonly LogAppend[]): Promise<void> {
    await this.#within(writeWithinMs, [() => this.#log.append(records), () => this.#log.readToEnd()])
  }

  async #writeAsLeader(records: readonly LogAppend[]): Promise<void> {
    await this.#within(writeWithinMs, [() => this.#appendAsLeader(records), () => this.#log.readToEnd()])
  }

  async #appendAsLeader(records: readonly LogAppend[]): Promise<void> {
    const { topic, cluster, isLeaseHeld } = this.#options
    if (!isLeaseHeld()) {
      const message =
        `Nothing is written to the config topic ${topic} of cluster ${cluster.alias}: this worker has lost touch with its ` +
        'group, and another may lead by now. Send the request again when it has joined'
      throw new MirrorError('MIRROR_LEASE', message, { retriable: true })
    }
    await this.#log.append(records)
  }

  /** One step after the other; none begins once the time is over. */
  async #within(timeoutMs: number, steps: readonly (() => Promise<void>)[]): Promise<void> {
    const { clock, topic, cluster } = this.#options
    const deadline = clock.monotonic() + timeoutMs
    const what = `The config topic ${topic} of cluster ${cluster.alias}`
    for (const step of steps) {
      if (clock.monotonic() >= deadline)
        throw new MirrorError('MIRROR_TIMEOUT', `${what}: no time left`, { retriable: true })
      await withinLimits(step(), { clock, deadline, what })
    }
  }
}
