/** Apache Kafka's own MirrorMaker 2, the reference: for hand-over tests in both directions and for the bench. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { javaCommand, type KafkaJars, requireJava } from './kafka-jars.ts'
import { OwnedProcess, type ProcessExit } from './owned-process.ts'
import { processUsage, type ProcessUsage } from './process-usage.ts'
import { propertiesText } from './server-properties.ts'

export interface JavaMirrorMakerOptions {
  readonly jars: KafkaJars
  /** Where the properties are written; the log goes beside it. */
  readonly propertiesFile: string
  /** Written to `propertiesFile`; without it the file is used as it is. */
  readonly properties?: Readonly<Record<string, string>>
  /** `--clusters`: the targets that this process serves. Default: all. */
  readonly clusters?: readonly string[]
  /** Default: a heap of 512 MB at most. */
  readonly jvmFlags?: readonly string[]
  /** Default `warn`; `info` tells when connectors start. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug'
}

export class JavaMirrorMaker {
  readonly logFile: string
  readonly #process: OwnedProcess

  private constructor(process: OwnedProcess, logFile: string) {
    this.#process = process
    this.logFile = logFile
  }

  /** Resolves when the process runs; it mirrors some 8 s later. */
  static async start(options: JavaMirrorMakerOptions): Promise<JavaMirrorMaker> {
    await requireJava()
    const { propertiesFile, properties, clusters, jvmFlags = ['-Xmx512m'], logLevel = 'warn' } = options
    const logFile = `${propertiesFile}.java.log`
    await mkdir(dirname(propertiesFile), { recursive: true })
    if (properties !== undefined) await writeFile(propertiesFile, propertiesText(properties), 'latin1')
    const log = 'org.slf4j.simpleLogger'
    const tmpdir = `-Djava.io.tmpdir=${dirname(propertiesFile)}`
    const flags = [...jvmFlags, tmpdir, `-D${log}.defaultLogLevel=${logLevel}`, `-D${log}.showDateTime=true`]
    const process = OwnedProcess.start({
      command: javaCommand(),
      args: [
        ...flags,
        '-cp',
        options.jars.classPath,
        'org.apache.kafka.connect.mirror.MirrorMaker',
        propertiesFile,
        ...(clusters === undefined ? [] : ['--clusters', ...clusters])
      ],
      logFile
    })
    return new JavaMirrorMaker(process, logFile)
  }

  get pid(): number {
    return this.#process.pid
  }

  get running(): boolean {
    return this.#process.running
  }

  get exited(): Promise<ProcessExit> {
    return this.#process.exited
  }

  async usage(): Promise<ProcessUsage> {
    return await processUsage(this.pid)
  }

  /** SIGTERM, and waits until the process has flushed its positions and ended. */
  async stop(graceMs = 60_000): Promise<ProcessExit> {
    return await this.#process.stop(graceMs)
  }

  /** kill -9. */
  async kill(): Promise<ProcessExit> {
    return await this.#process.kill()
  }
}
