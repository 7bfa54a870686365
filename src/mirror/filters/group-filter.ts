/** Decides which consumer groups are followed. */
export interface GroupFilter {
  shouldReplicateGroup(group: string): boolean
  close?(): void
}
