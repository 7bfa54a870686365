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
