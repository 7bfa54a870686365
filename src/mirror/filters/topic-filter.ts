/** Decides which topics are mirrored. Internal topics and cycles are kept out whatever it says. */
export interface TopicFilter {
  shouldReplicateTopic(topic: string): boolean
  close?(): void
}

/** Decides which topic settings are copied to the target. */
export interface ConfigPropertyFilter {
  shouldReplicateConfigProperty(property: string): boolean
  /** Whether a setting that has the source's built-in default is written out on the target. Absent means no. */
  shouldReplicateSourceDefault?(property: string): boolean
  close?(): void
}
