import { pino } from 'pino'
import { type Logger } from './logger.ts'
import { LoggerLevels, type LogLevel } from './logger-levels.ts'

/** A logger whose levels can be changed while the program runs. */
export interface AdjustableLogger extends Logger {
  readonly levels: LoggerLevels
}

/** JSON lines on standard output, written at once: what was logged before a kill is there to be read. */
export function createLogger(level: LogLevel): AdjustableLogger {
  const output = pino(
    { level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 1, sync: true })
  )
  return new LeveledLogger(output, new LoggerLevels(level), 'root')
}

/** Looks its level up at each line, so that a change reaches loggers that were made before. */
class LeveledLogger implements AdjustableLogger {
  readonly levels: LoggerLevels
  readonly #output: Logger
  readonly #name: string

  constructor(output: Logger, levels: LoggerLevels, name: string) {
    this.levels = levels
    this.#output = output
    this.#name = name
  }

  debug(fields: object, message: string): void {
    if (this.levels.isEnabled(this.#name, 'debug')) this.#output.debug(fields, message)
  }

  info(fields: object, message: string): void {
    if (this.levels.isEnabled(this.#name, 'info')) this.#output.info(fields, message)
  }

  warn(fields: object, message: string): void {
    if (this.levels.isEnabled(this.#name, 'warn')) this.#output.warn(fields, message)
  }

  error(fields: object, message: string): void {
    if (this.levels.isEnabled(this.#name, 'error')) this.#output.error(fields, message)
  }

  /** A `route` among the fields names a logger of its own: `A->B`. */
  child(fields: Record<string, unknown>): Logger {
    const { route } = fields
    const name = typeof route === 'string' ? route : this.#name
    this.levels.add(name)
    return new LeveledLogger(this.#output.child(fields), this.levels, name)
  }
}
