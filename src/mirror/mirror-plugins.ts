import {
  completeAdmin,
  completeTargetAdmin,
  type CustomForwardingAdmin,
  type ForwardingAdmin,
  type TargetAdmin
} from '../admin/forwarding-admin.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Findings } from '../config/findings.ts'
import { javaTrim } from '../config/java-values.ts'
import { isModuleReference } from '../config/module-reference.ts'
import { PluginError, type PluginLoader, type PluginShape } from '../config/plugin-loader.ts'
import { type Properties, type TracedProperties } from '../config/traced-properties.ts'
import { DefaultReplicationPolicy } from '../mirror-client/default-replication-policy.ts'
import { builtInPolicy, policyKind } from '../mirror-client/replication-policy-class.ts'
import {
  completePolicy,
  type CustomReplicationPolicy,
  type PluginProperties,
  type ReplicationPolicy
} from '../mirror-client/replication-policy.ts'
import { DefaultConfigPropertyFilter } from './filters/default-config-property-filter.ts'
import { DefaultGroupFilter } from './filters/default-group-filter.ts'
import { DefaultTopicFilter } from './filters/default-topic-filter.ts'
import { type GroupFilter } from './filters/group-filter.ts'
import { type ConfigPropertyFilter, type TopicFilter } from './filters/topic-filter.ts'
import { type CheckpointConnectorSettings, type SourceConnectorSettings } from './mirror-options.ts'

export type {
  CustomForwardingAdmin,
  ForwardingAdmin,
  NewTopic,
  OwnTopicConfigs,
  TargetAdmin,
  TopicAcl,
  TopicConfigChange,
  TopicRefusal
} from '../admin/forwarding-admin.ts'

/** A key under which a class of one's own may stand, and what that class must have. */
interface PluginKind<Plugin> extends PluginShape<Plugin> {
  readonly key: string
}

interface Closable {
  close?(): void | Promise<void>
}

const closablePolicyKind: PluginKind<CustomReplicationPolicy & Closable> = policyKind
const topicFilterKind: PluginKind<TopicFilter> = {
  key: 'topic.filter.class',
  noun: 'a topic filter',
  methods: ['shouldReplicateTopic']
}
const groupFilterKind: PluginKind<GroupFilter> = {
  key: 'group.filter.class',
  noun: 'a group filter',
  methods: ['shouldReplicateGroup']
}
const configPropertyFilterKind: PluginKind<ConfigPropertyFilter> = {
  key: 'config.property.filter.class',
  noun: 'a config property filter',
  methods: ['shouldReplicateConfigProperty']
}
const adminKind: PluginKind<CustomForwardingAdmin> = {
  key: 'forwarding.admin.class',
  noun: 'a forwarding admin',
  methods: ['createTopic']
}

const checks = [
  checkOf(closablePolicyKind),
  checkOf(topicFilterKind),
  checkOf(groupFilterKind),
  checkOf(configPropertyFilterKind),
  checkOf(adminKind)
]

/**
 * Loads every class of one's own that a connector's config names, so that what is missing or of the wrong shape is found
 * before anything starts. Makes no instance.
 * @param options the connector's table: keys that it does not know are not looked at
 */
export async function checkMirrorPlugins(
  options: Readonly<Record<string, unknown>>,
  properties: TracedProperties,
  loader: PluginLoader,
  findings: Findings
): Promise<void> {
  for (const { key, load } of checks) {
    const named = Object.hasOwn(options, key) ? properties.get(key) : undefined
    const reference = moduleReference(named?.value)
    if (named === undefined || reference === undefined) continue
    try {
      await load(loader, reference)
    } catch (thrown) {
      if (!(thrown instanceof PluginError)) throw thrown
      findings.problem(named.origin, named.raw, thrown.problem.expected)
    }
  }
}

interface PluginCheck {
  readonly key: string
  readonly load: (loader: PluginLoader, reference: string) => Promise<unknown>
}

function checkOf<Plugin>(kind: PluginKind<Plugin>): PluginCheck {
  return { key: kind.key, load: (loader, reference) => loader.load(kind.key, reference, kind) }
}

/** Undefined for built-in classes, which go by the reference's names, and for names that the option tables refuse. */
function moduleReference(value: string | undefined): string | undefined {
  const name = javaTrim(value ?? '')
  return isModuleReference(name) ? name : undefined
}

/** Makes the policy, the filters and the admin of one connector or task, built in or loaded, and closes them. */
export class MirrorPlugins {
  readonly #properties: Properties
  readonly #loader: PluginLoader
  readonly #logger: Logger
  readonly #made: { readonly name: string; readonly plugin: Closable }[] = []

  /** @param properties the connector's or task's config, placeholders resolved: what every class is made with */
  constructor(properties: Properties, { loader, logger }: { readonly loader: PluginLoader; readonly logger: Logger }) {
    this.#properties = properties
    this.#loader = loader
    this.#logger = logger
  }

  /** Rejects with PluginError, as do all of these. */
  async policy(): Promise<ReplicationPolicy> {
    const custom = await this.#custom(closablePolicyKind)
    if (custom !== undefined) return completePolicy(custom.plugin)
    const properties = Object.fromEntries(this.#properties)
    // The option table lets no other name pass.
    return builtInPolicy(properties, this.#logger) ?? new DefaultReplicationPolicy(properties, this.#logger)
  }

  async topicFilter(settings: Pick<SourceConnectorSettings, 'topics' | 'topics.exclude'>): Promise<TopicFilter> {
    const custom = await this.#custom(topicFilterKind)
    if (custom === undefined) return new DefaultTopicFilter(settings)
    const { plugin, answer } = custom
    return {
      shouldReplicateTopic: (topic) => answer('shouldReplicateTopic', topic, plugin.shouldReplicateTopic(topic))
    }
  }

  async groupFilter(settings: Pick<CheckpointConnectorSettings, 'groups' | 'groups.exclude'>): Promise<GroupFilter> {
    const custom = await this.#custom(groupFilterKind)
    if (custom === undefined) return new DefaultGroupFilter(settings)
    const { plugin, answer } = custom
    return {
      shouldReplicateGroup: (group) => answer('shouldReplicateGroup', group, plugin.shouldReplicateGroup(group))
    }
  }

  async configPropertyFilter(settings: SourceConnectorSettings): Promise<ConfigPropertyFilter> {
    const custom = await this.#custom(configPropertyFilterKind)
    if (custom === undefined) return new DefaultConfigPropertyFilter(settings)
    const { plugin, answer } = custom
    return {
      shouldReplicateConfigProperty: (property) =>
        answer('shouldReplicateConfigProperty', property, plugin.shouldReplicateConfigProperty(property)),
      shouldReplicateSourceDefault: (property) =>
        answer('shouldReplicateSourceDefault', property, plugin.shouldReplicateSourceDefault?.(property) ?? false)
    }
  }

  /** @param builtIn what a class of one's own is handed too, and falls back on; closed by `close` here */
  async forwardingAdmin(builtIn: ForwardingAdmin): Promise<ForwardingAdmin> {
    this.#made.push({ name: adminKind.key, plugin: builtIn })
    const custom = await this.#custom(adminKind, builtIn)
    return custom === undefined ? builtIn : completeAdmin(custom.plugin, builtIn)
  }

  /** The same for the source connector, which changes more than topics. */
  async targetAdmin(builtIn: TargetAdmin): Promise<TargetAdmin> {
    this.#made.push({ name: adminKind.key, plugin: builtIn })
    const custom = await this.#custom(adminKind, builtIn)
    return custom === undefined ? builtIn : completeTargetAdmin(custom.plugin, builtIn)
  }

  /** Closes what was made, the newest first. Never rejects. */
  async close(): Promise<void> {
    for (const { name, plugin } of this.#made.splice(0).reverse()) {
      try {
        await plugin.close?.()
      } catch (thrown) {
        this.#logger.warn({ plugin: name, err: asError(thrown) }, 'A plug-in did not close cleanly')
      }
    }
  }

  /** Undefined where the class is built in. */
  async #custom<Plugin extends Closable>(
    kind: PluginKind<Plugin>,
    ...more: readonly unknown[]
  ): Promise<{ readonly plugin: Plugin; readonly answer: Answer } | undefined> {
    const { key } = kind
    const value = moduleReference(this.#properties.get(key))
    if (value === undefined) return undefined
    const Loaded = await this.#loader.load<[PluginProperties, ...unknown[]], Plugin>(key, value, kind)
    const name = `${key} = ${value}`
    let plugin: Plugin
    try {
      plugin = new Loaded(Object.fromEntries(this.#properties), ...more)
    } catch (thrown) {
      const expected = `${kind.noun} that can be made; its constructor threw: ${asError(thrown).message}`
      throw new PluginError({ key, value, expected }, thrown)
    }
    this.#made.push({ name, plugin })
    return { plugin, answer: (method, subject, given) => yesOrNo(given, { key, value, method, subject }) }
  }
}

type Answer = (method: string, subject: string, given: unknown) => boolean

/** Whatever is no boolean may be a promise, which would count as yes: then everything would be mirrored. */
function yesOrNo(given: unknown, call: Record<'key' | 'value' | 'method' | 'subject', string>): boolean {
  if (typeof given === 'boolean') return given
  const found = given instanceof Promise ? 'a promise' : String(given)
  const expected = `true or false of ${call.method}('${call.subject}'); found ${found}`
  throw new PluginError({ key: call.key, value: call.value, expected })
}
