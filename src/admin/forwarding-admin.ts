import { type TopicAcl } from '../client/acls.ts'
import { type OwnTopicConfigs, type TopicConfigChange } from '../client/topic-configs.ts'

export type { OwnTopicConfigs, TopicAcl, TopicConfigChange }

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  /** -1 takes the broker's default. */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

/** What was not done for a topic, and why. */
export interface TopicRefusal {
  readonly topic: string
  readonly error: Error
}

/**
 * Changes to the target cluster's resources, behind an interface so that an organisation that manages topics elsewhere can
 * plug in its own (`forwarding.admin.class`). A refusal is a MirrorError with code MIRROR_BROKER that names the resource.
 */
export interface ForwardingAdmin {
  /** False when the topic existed already. Many may be asked for at a time: whoever can creates them together. */
  createTopic(topic: NewTopic): Promise<boolean>
  /** Raises the partition count; false when the topic has that many or more already. */
  createPartitions(topic: string, totalCount: number): Promise<boolean>
  close(): Promise<void>
}

/** What else the source connector changes on the target. Each call is for many topics and resolves to what was refused. */
export interface TargetAdmin extends ForwardingAdmin {
  /**
   * Changes single settings and leaves the others.
   * @throws MirrorError MIRROR_UNSUPPORTED_VERSION where the brokers cannot
   */
  alterTopicConfigs(changes: readonly TopicConfigChange[]): Promise<readonly TopicRefusal[]>
  /** Replaces everything that topics have set of their own. */
  replaceTopicConfigs(topics: readonly OwnTopicConfigs[]): Promise<readonly TopicRefusal[]>
  /** Adds access control entries for literal topic names. One that is there already is no refusal. */
  createAcls(acls: readonly TopicAcl[]): Promise<readonly TopicRefusal[]>
}

/** What an admin of one's own must do; all that it leaves out the built-in one does. Any error of its own is a refusal. */
export type CustomForwardingAdmin = Pick<ForwardingAdmin, 'createTopic'> & Partial<TargetAdmin>

/** @param builtIn stays its owner's to close */
export function completeAdmin(custom: CustomForwardingAdmin, builtIn: ForwardingAdmin): ForwardingAdmin {
  return {
    createTopic: (topic) => custom.createTopic(topic),
    createPartitions: (topic, totalCount) =>
      custom.createPartitions?.(topic, totalCount) ?? builtIn.createPartitions(topic, totalCount),
    close: async () => {
      await custom.close?.()
    }
  }
}

/** @param builtIn stays its owner's to close */
export function completeTargetAdmin(custom: CustomForwardingAdmin, builtIn: TargetAdmin): TargetAdmin {
  return {
    ...completeAdmin(custom, builtIn),
    alterTopicConfigs: (changes) => custom.alterTopicConfigs?.(changes) ?? builtIn.alterTopicConfigs(changes),
    replaceTopicConfigs: (topics) => custom.replaceTopicConfigs?.(topics) ?? builtIn.replaceTopicConfigs(topics),
    createAcls: (acls) => custom.createAcls?.(acls) ?? builtIn.createAcls(acls)
  }
}
