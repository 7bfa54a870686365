import { asError } from '../../base/errors.ts'
import { ConfigError, describeProblem, type ConfigProblem } from '../../config/config-error.ts'

/** Messages about the keys of a config, each once, in the order in which they were found. */
export class ProblemCollection {
  readonly #messages = new Map<string, Set<string>>()

  add(key: string, message: string): void {
    const messages = this.#messages.get(key) ?? new Set()
    this.#messages.set(key, messages.add(message))
  }

  addAll(problems: readonly ConfigProblem[]): void {
    for (const problem of problems) this.add(problem.key, describeProblem(problem))
  }

  /** @param key to blame where the error names none */
  addError(key: string, thrown: unknown): void {
    if (thrown instanceof ConfigError) this.addAll(thrown.problems)
    else this.add(key, asError(thrown).message)
  }

  of(key: string): readonly string[] {
    return [...(this.#messages.get(key) ?? [])]
  }

  get keys(): readonly string[] {
    return [...this.#messages.keys()]
  }
}
