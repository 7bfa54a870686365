import { type ConfigProblem, type ConfigWarning } from './config-error.ts'

/** What to print instead of a secret. */
export const maskedValue = '[hidden]'

const secretNames =
  /password|passphrase|secret|jaas|credential|token(?!\.endpoint)|ssl\.keystore\.(key|certificate\.chain)|truststore\.certificates/i

/** Whether the value of a key must not be printed, whether or not a table knows it. */
export function isSecret(key: string): boolean {
  return secretNames.test(key)
}

function printable(key: string, value: string): string {
  return isSecret(key) ? maskedValue : value
}

/** Collects everything there is to say about a configuration; what several routes inherit is said once. */
export class Findings {
  readonly #problems = new Map<string, ConfigProblem>()
  readonly #warnings = new Map<string, ConfigWarning>()

  get problems(): readonly ConfigProblem[] {
    return [...this.#problems.values()]
  }

  get warnings(): readonly ConfigWarning[] {
    return [...this.#warnings.values()]
  }

  /** @param value as it stands in the file; masked here when the key names a secret */
  problem(key: string, value: string | null, expected: string): void {
    const shown = value === null ? null : printable(key, value)
    const id = JSON.stringify([key, shown, expected])
    if (!this.#problems.has(id)) this.#problems.set(id, { key, value: shown, expected })
  }

  warn(warning: ConfigWarning): void {
    const id = JSON.stringify([warning.key, warning.message])
    if (!this.#warnings.has(id)) this.#warnings.set(id, warning)
  }
}
