export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  /** -1 takes the broker's default. */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

/**
 * Changes to the target cluster's resources, one resource a call, behind an interface so that an organisation that
 * manages topics elsewhere can plug in its own (`forwarding.admin.class`). A refusal is a MirrorError with code
 * MIRROR_BROKER that names the resource.
 */
export interface ForwardingAdmin {
  /** False when the topic existed already. */
  createTopic(topic: NewTopic): Promise<boolean>
  /** Raises the partition count; false when the topic has that many or more already. */
  createPartitions(topic: string, totalCount: number): Promise<boolean>
  close(): Promise<void>
}

/** What an admin of one's own must do; all that it leaves out the built-in one does. Any error of its own is a refusal. */
export type CustomForwardingAdmin = Pick<ForwardingAdmin, 'createTopic'> & Partial<ForwardingAdmin>

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
