/** This program as a process of its own, from `dist/`: for the demo, the end-to-end tests and the bench. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OwnedProcess, type ProcessExit } from './local-kafka/owned-process.ts'
import { processUsage, type ProcessUsage } from './local-kafka/process-usage.ts'
import { propertiesText } from './local-kafka/server-properties.ts'

export interface LocalMirrorOptions {
  /** Where the properties are written; the log goes beside it. */
  readonly propertiesFile: string
  /** Written to `propertiesFile`; without them the file is used as it is. */
  readonly properties?: Readonly<Record<string, string>>
  /** `--clusters` */
  readonly clusters?: readonly string[]
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error'
  readonly nodeFlags?: readonly string[]
  /** Removed when the owner ends without having stopped the process. */
  readonly removeWithOwner?: string
}

/** One line of the log. */
export interface LogLine {
  /** 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export class LocalMirror {
  readonly logFile: string
  readonly #process: OwnedProcess

  private constructor(process: OwnedProcess, logFile: string) {
    this.#process = process
    this.logFile = logFile
  }

  /** Resolves when the process runs, which is before it mirrors. A second start appends to the same log. */
  static async start(options: LocalMirrorOptions): Promise<LocalMirror> {
    const { propertiesFile, properties, clusters, logLevel = 'info', nodeFlags = [], removeWithOwner } = options
    const logFile = `${propertiesFile}.log`
    await mkdir(dirname(propertiesFile), { recursive: true })
    if (properties !== undefined) await writeFile(propertiesFile, propertiesText(properties), 'latin1')
    const process = OwnedProcess.start({
      command: globalThis.process.execPath,
      args: [...nodeFlags, main, propertiesFile, ...(clusters === undefined ? [] : ['--clusters', ...clusters])],
      env: { MIRROR_LOG_LEVEL: logLevel },
      logFile,
      ...(removeWithOwner === undefined ? {} : { removeWithOwner })
    })
    return new LocalMirror(process, logFile)
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

  /** Everything logged so far, by earlier processes with the same properties file too. */
  async log(): Promise<LogLine[]> {
    const text = await readFile(this.logFile, 'utf8')
    return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []))
  }

  /** Standard output and error as they are, for what is not a log line. */
  async output(): Promise<string> {
    return await readFile(this.logFile, 'utf8')
  }

  async usage(): Promise<ProcessUsage> {
    return await processUsage(this.pid)
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal)
  }

  /** SIGTERM, and waits for the end. */
  async stop(graceMs = 60_000): Promise<ProcessExit> {
    return await this.#process.stop(graceMs)
  }

  /** kill -9. */
  async kill(): Promise<ProcessExit> {
    return await this.#process.kill()
  }
}
