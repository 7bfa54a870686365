import { MirrorError } from '../base/errors.ts'

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The key as the file spells it, or as it came out of aliases and prefixes where it was inherited. */
  readonly key: string
  /** What was found; null when the key is absent. Secrets are masked already. */
  readonly value: string | null
  /** Completes "expected ...". */
  readonly expected: string
}

/** Something that works but is likely not what was meant. */
export interface ConfigWarning {
  readonly key: string
  /** One-based line in the file, where known. */
  readonly line?: number
  readonly message: string
}

/** Every problem of a configuration at once, one line each. */
export class ConfigError extends MirrorError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super('MIRROR_CONFIG_INVALID', problems.map(describeProblem).join('\n'))
    this.problems = problems
  }
}

export function describeProblem({ key, value, expected }: ConfigProblem): string {
  return value === null ? `${key}: missing, expected ${expected}` : `${key} = ${value}: expected ${expected}`
}

export function describeWarning({ key, line, message }: ConfigWarning): string {
  return `${line === undefined ? '' : `line ${String(line)}: `}${key}: ${message}`
}
