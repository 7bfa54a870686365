/** What metrics want to hear of the herder's rebalances. Must not throw. */
export interface RebalanceObserver {
  /** An assignment has come; its work is about to be stopped and started. */
  assigned(assignment: { readonly protocol: string; readonly leaderUrl: string; readonly generation: number }): void
  /** The work of the newest assignment runs. */
  workStarted(): void
}

/** What metrics want to hear of the membership in the Connect group. Must not throw. */
export interface CoordinatorObserver {
  /** A heartbeat was answered. */
  heartbeat(durationMs: number): void
  joined(durationMs: number): void
  synced(durationMs: number): void
  /** From the wish to join to the assignment. */
  rebalanced(durationMs: number): void
  rebalanceFailed(): void
  /** What this member owns now. */
  owns(connectors: number, tasks: number): void
  /** The membership has ended. */
  closed(): void
}

const ignore = (): void => undefined

export const silentRebalanceObserver: RebalanceObserver = { assigned: ignore, workStarted: ignore }

export const silentCoordinatorObserver: CoordinatorObserver = {
  heartbeat: ignore,
  joined: ignore,
  synced: ignore,
  rebalanced: ignore,
  rebalanceFailed: ignore,
  owns: ignore,
  closed: ignore
}
