import { ConfigError } from '../../config/config-error.ts'
import { Findings } from '../../config/findings.ts'
import { parseInteger, parseList } from '../../config/java-values.ts'
import { type ConnectorConfig } from '../connector-config.ts'

/** How a topic is to be made. */
export interface TopicSpec {
  readonly topic: string
  /** -1: the brokers' default. */
  readonly partitions: number
  /** -1: the brokers' default. */
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

/** Makes the topic unless it is there. Throws what fails the task, retriable errors excepted: they are tried again. */
export type CreateTopic = (spec: TopicSpec) => Promise<void>

/** Compiles a regular expression that matches whole names, in the dialect that the files are written in. Throws for a bad one. */
export type CompilePattern = (pattern: string) => { test(text: string): boolean }

interface Group {
  readonly includes: (topic: string) => boolean
  readonly spec: Omit<TopicSpec, 'topic'>
}

const prefix = 'topic.creation.'
const ownKeys = ['include', 'exclude', 'partitions', 'replication.factor']

/** The rules by which Connect creates topics that a connector writes to (spec 4.7). */
export class TopicCreationRules {
  readonly #groups: readonly Group[]

  private constructor(groups: readonly Group[]) {
    this.#groups = groups
  }

  /** Null when the connector has no key of this kind: then topics are none of the worker's business. Throws ConfigError. */
  static of(config: ConnectorConfig, compile: CompilePattern): TopicCreationRules | null {
    if (!Object.keys(config).some((key) => key.startsWith(prefix))) return null
    const findings = new Findings()
    const reader = new GroupReader(config, compile, findings)
    const fallback = reader.group('default', null)
    const names = reader.list(`${prefix}groups`).filter((name) => name !== 'default')
    const groups = names.map((name) => reader.group(name, fallback.spec))
    if (findings.problems.length > 0) throw new ConfigError(findings.problems)
    return new TopicCreationRules([...groups, fallback])
  }

  /** By the first group that has the topic, else by the default. */
  specOf(topic: string): TopicSpec {
    const group = this.#groups.find(({ includes }) => includes(topic))
    if (group === undefined) throw new Error('The default group has every topic')
    return { topic, ...group.spec }
  }
}

class GroupReader {
  readonly #config: ConnectorConfig
  readonly #compile: CompilePattern
  readonly #findings: Findings

  constructor(config: ConnectorConfig, compile: CompilePattern, findings: Findings) {
    this.#config = config
    this.#compile = compile
    this.#findings = findings
  }

  /** @param fallback what absent counts are taken from; null: they are required, and the group has every topic */
  group(name: string, fallback: Group['spec'] | null): Group {
    const base = `${prefix}${name}.`
    const configs = new Map<string, string>()
    for (const [key, value] of Object.entries(this.#config)) {
      const setting = key.slice(base.length)
      if (key.startsWith(base) && value !== null && setting !== '' && !ownKeys.includes(setting))
        configs.set(setting, value)
    }
    const spec = {
      partitions: this.#count(`${base}partitions`, fallback?.partitions),
      replicationFactor: this.#count(`${base}replication.factor`, fallback?.replicationFactor),
      configs
    }
    if (fallback === null) return { spec, includes: () => true }
    const included = this.#anyOf(`${base}include`)
    const excluded = this.#anyOf(`${base}exclude`)
    return { spec, includes: (topic) => included(topic) && !excluded(topic) }
  }

  list(key: string): readonly string[] {
    const parsed = parseList(this.#config[key] ?? '')
    return parsed.ok ? parsed.value : []
  }

  #anyOf(key: string): (topic: string) => boolean {
    const patterns = this.list(key)
    try {
      // Each by itself is what Java gets by joining them with "|".
      const compiled = patterns.map((pattern) => this.#compile(pattern))
      return (topic) => compiled.some((pattern) => pattern.test(topic))
    } catch (thrown) {
      this.#findings.problem(key, patterns.join(), `regular expressions: ${String(thrown)}`)
      return () => false
    }
  }

  #count(key: string, fallback: number | undefined): number {
    const text = this.#config[key]
    if (text == null) {
      if (fallback === undefined) this.#findings.problem(key, null, '1 or more, or -1 for the default of the brokers')
      return fallback ?? -1
    }
    const parsed = parseInteger(text, key.endsWith('.partitions') ? 'INT' : 'SHORT')
    if (parsed.ok && (parsed.value === -1 || parsed.value >= 1)) return parsed.value
    this.#findings.problem(key, text, '1 or more, or -1 for the default of the brokers')
    return -1
  }
}
