export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

/** From which level on each logger writes: `root`, and one a route, which has root's level until it is given its own. */
export class LoggerLevels {
  readonly #own = new Map<string, LogLevel | undefined>()
  #root: LogLevel

  constructor(root: LogLevel) {
    this.#root = root
  }

  /** Makes a logger known. */
  add(name: string): void {
    if (name !== 'root' && !this.#own.has(name)) this.#own.set(name, undefined)
  }

  get names(): readonly string[] {
    return ['root', ...this.#own.keys()].toSorted()
  }

  levelOf(name: string): LogLevel {
    return this.#own.get(name) ?? this.#root
  }

  /** For `root`: of every logger, also those that had a level of their own. */
  set(name: string, level: LogLevel): void {
    if (name !== 'root') {
      this.#own.set(name, level)
      return
    }
    this.#root = level
    for (const known of this.#own.keys()) this.#own.set(known, undefined)
  }

  isEnabled(name: string, level: Exclude<LogLevel, 'silent'>): boolean {
    return logLevels.indexOf(level) >= logLevels.indexOf(this.levelOf(name))
  }
}
