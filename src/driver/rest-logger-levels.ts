import { type Clock } from '../base/clock.ts'
import { type LoggerLevels, type LogLevel } from '../base/logger-levels.ts'
import { RequestError } from '../connect/herder/request-error.ts'
import { type LoggerLevel, type LoggerLevels as RestLoggerLevels } from '../rest/rest-services.ts'

/** Our levels by Java's words, several of which mean one of ours. */
const levelsOfJava: Readonly<Record<string, LogLevel>> = {
  OFF: 'silent',
  FATAL: 'error',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'debug',
  ALL: 'debug'
}

const javaNames: Readonly<Record<LogLevel, string>> = {
  silent: 'OFF',
  error: 'ERROR',
  warn: 'WARN',
  info: 'INFO',
  debug: 'DEBUG'
}

/** The loggers of this process as the REST API shows them: `root`, and one a route. */
export class ProcessLoggerLevels implements RestLoggerLevels {
  readonly #levels: LoggerLevels
  readonly #clock: Clock
  readonly #lastModified = new Map<string, number>()

  constructor(levels: LoggerLevels, clock: Clock) {
    this.#levels = levels
    this.#clock = clock
  }

  all(): ReadonlyMap<string, LoggerLevel> {
    return new Map(
      this.#levels.names.map((name) => {
        const lastModified = this.#lastModified.get(name) ?? null
        return [name, { level: javaNames[this.#levels.levelOf(name)], lastModified }]
      })
    )
  }

  set(logger: string, level: string): readonly string[] {
    const wanted = levelsOfJava[level.toUpperCase()]
    if (wanted === undefined) throw new RequestError('notFound', `Invalid log level '${level}'`)
    const before = this.all()
    this.#levels.set(logger, wanted)
    const changed = [...this.all()].flatMap(([name, now]) => (before.get(name)?.level === now.level ? [] : [name]))
    for (const name of changed) this.#lastModified.set(name, this.#clock.now())
    return changed
  }
}
