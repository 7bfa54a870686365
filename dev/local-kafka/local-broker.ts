/** One broker of a LocalCluster: a Java process that can be stopped, killed, paused and started again on the same data and ports. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { probeBroker } from './broker-probe.ts'
import { fastStartFlags } from './java-class.ts'
import { javaCommand, type KafkaJars } from './kafka-jars.ts'
import { type BoundListener, type Endpoint } from './listeners.ts'
import { LocalKafkaError } from './local-kafka-error.ts'
import { logTail, OwnedProcess } from './owned-process.ts'

export interface BrokerPlan {
  readonly nodeId: number
  readonly jars: KafkaJars
  readonly dir: string
  readonly listeners: readonly BoundListener[]
  readonly heapMb: number
  readonly fastStart: boolean
  readonly startTimeoutMs: number
  readonly removeWithOwner: string | undefined
}

export class LocalBroker {
  readonly nodeId: number
  readonly logFile: string
  readonly #plan: BrokerPlan
  #process: OwnedProcess | undefined

  constructor(plan: BrokerPlan) {
    this.#plan = plan
    this.nodeId = plan.nodeId
    this.logFile = join(plan.dir, 'server.log')
  }

  get running(): boolean {
    return this.#process?.running ?? false
  }

  /** Of the running process. @throws LocalKafkaError where none runs */
  get pid(): number {
    if (this.#process?.running !== true)
      throw new LocalKafkaError('START_FAILED', `broker ${this.nodeId} is not running`)
    return this.#process.pid
  }

  /** Where the broker really listens; clients may be told another address, see `advertised`. */
  endpoint(listener = 'PLAINTEXT'): Endpoint {
    return { host: '127.0.0.1', port: this.#listener(listener).port }
  }

  advertised(listener = 'PLAINTEXT'): Endpoint {
    return this.#listener(listener).advertised
  }

  /** Starts the process and waits until the broker lists itself (and `peers`) as members of the cluster. */
  async start(peers: readonly number[] = []): Promise<void> {
    if (this.running) throw new LocalKafkaError('START_FAILED', `broker ${this.nodeId} is running already`)
    const { dir, heapMb, jars, fastStart, removeWithOwner } = this.#plan
    // Measured brokers get all their heap at once.
    const flags = fastStart ? [`-Xms${Math.min(heapMb, 128)}m`, ...fastStartFlags] : [`-Xms${heapMb}m`, '-XX:+UseG1GC']
    const started = OwnedProcess.start({
      command: javaCommand(),
      args: [
        `-Xmx${heapMb}m`,
        ...flags,
        // Codecs unpack native libraries there, which a killed JVM leaves behind.
        `-Djava.io.tmpdir=${dir}`,
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-Dorg.slf4j.simpleLogger.showDateTime=true',
        '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
        '-cp',
        jars.classPath,
        'kafka.Kafka',
        join(dir, 'server.properties')
      ],
      logFile: this.logFile,
      ...(removeWithOwner === undefined ? {} : { removeWithOwner })
    })
    this.#process = started
    await this.#untilMemberOf(new Set([this.nodeId, ...peers]), started)
  }

  /** SIGTERM: the broker hands its leaderships over and closes its logs. */
  async stop(): Promise<void> {
    this.resume()
    await this.#process?.stop()
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  async #untilMemberOf(wanted: ReadonlySet<number>, started: OwnedProcess): Promise<void> {
    const { port } = this.#listener('PLAINTEXT')
    const deadline = Date.now() + this.#plan.startTimeoutMs
    for (;;) {
      if (!started.running) this.#fail(`ended with ${JSON.stringify(started.exit)} while it started`)
      const seen = new Set((await probeBroker(port))?.nodeIds)
      if ([...wanted].every((nodeId) => seen.has(nodeId))) return
      if (Date.now() > deadline) {
        await started.kill()
        this.#fail(
          `lists brokers [${[...seen].join()}] instead of [${[...wanted].join()}] after ${this.#plan.startTimeoutMs} ms`
        )
      }
      await delay(50)
    }
  }

  #fail(what: string): never {
    const tail = logTail(this.logFile)
    throw new LocalKafkaError('START_FAILED', `broker ${this.nodeId} ${what}; the end of ${this.logFile}:\n${tail}`)
  }

  #listener(name: string): BoundListener {
    const found = this.#plan.listeners.find((listener) => listener.name === name)
    if (found === undefined) throw new LocalKafkaError('START_FAILED', `broker ${this.nodeId} has no listener ${name}`)
    return found
  }
}
