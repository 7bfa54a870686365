import { type Clock } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ConfigSnapshot } from '../storage/config-store.ts'
import { type AssignmentResult, type Assignor } from './assignor.ts'
import {
  type ConnectProtocol,
  type WorkerMetadata,
  assignmentErrors,
  decodeMetadata,
  encodeAssignment,
  protocolVersions
} from './connect-protocol.ts'
import { EagerAssignor } from './eager-assignor.ts'
import { IncrementalAssignor } from './incremental-assignor.ts'
import { WorkSet, connectorItself } from './work-set.ts'

export interface GroupLeaderOptions {
  readonly maxDelayMs: number
  readonly keepConnectorsAtLeader: boolean
  /** The newest configs known. */
  readonly configSnapshot: () => ConfigSnapshot
  readonly clock: Clock
  readonly logger: Logger
}

/** A rebalance as the group's coordinator hands it to the leader. */
export interface LeaderRound {
  readonly protocol: ConnectProtocol
  readonly generation: number
  readonly lastCompletedGeneration: number
  readonly leaderId: string
  /** The configs that the leader itself joined with. */
  readonly snapshot: ConfigSnapshot
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

export interface EncodedAssignment {
  readonly memberId: string
  readonly assignment: Buffer
}

const idle: AssignmentResult = { members: new Map(), delayMs: 0 }

/** What the leader of the group does in each rebalance (spec 3.4): compare config offsets, assign, remember who owns what. */
export class GroupLeader {
  readonly #options: GroupLeaderOptions
  /** Kept while the member lives, also through other leaders' generations: it notices by the generation. */
  readonly #incremental: Assignor
  readonly #eager: Assignor
  readonly #owners: { url: string; owned: WorkSet }[] = []

  constructor(options: GroupLeaderOptions) {
    this.#options = options
    this.#incremental = new IncrementalAssignor(options)
    this.#eager = new EagerAssignor(options)
  }

  assign(round: LeaderRound): EncodedAssignment[] {
    const members = this.#readMembers(round)
    const newest = [...members.values()].reduce((max, { configOffset }) => {
      return configOffset > max ? configOffset : max
    }, round.snapshot.offset)
    // A member has read further than this one had when it joined: perhaps it has caught up meanwhile.
    const snapshot = round.snapshot.offset < newest ? this.#options.configSnapshot() : round.snapshot
    this.#owners.length = 0
    const isBehind = snapshot.offset < newest
    const result = isBehind ? idle : this.#distribute(round, snapshot, members)
    for (const [memberId, { owned }] of result.members) {
      this.#owners.push({ url: members.get(memberId)?.url ?? '', owned })
    }
    return this.#encode(round, result, {
      error: isBehind ? assignmentErrors.configMismatch : assignmentErrors.none,
      leaderUrl: members.get(round.leaderId)?.url ?? '',
      configOffset: isBehind ? newest : snapshot.offset
    })
  }

  /** URL of the worker that owns a connector or a task by the last assignment. */
  ownerUrl(item: ConnectorTaskId): string | undefined {
    return this.#owners.find(({ owned }) => owned.has(item))?.url
  }

  /** Another member leads: what this one knew of owners is no longer true. */
  resign(): void {
    this.#owners.length = 0
  }

  /** A member that cannot be understood takes part with nothing: one broken worker must not stop the group. */
  #readMembers({ members }: LeaderRound): Map<string, WorkerMetadata> {
    const read = new Map<string, WorkerMetadata>()
    for (const { memberId, metadata } of members) {
      try {
        read.set(memberId, decodeMetadata(metadata))
      } catch (thrown) {
        const fields = { member: memberId, error: asError(thrown).message }
        this.#options.logger.warn(fields, 'A member of the Connect group cannot be understood; it is given nothing')
      }
    }
    return read
  }

  #distribute(
    round: LeaderRound,
    snapshot: ConfigSnapshot,
    members: ReadonlyMap<string, WorkerMetadata>
  ): AssignmentResult {
    const assignor = round.protocol === 'default' ? this.#eager : this.#incremental
    const current = [...members].map(([memberId, metadata]) => {
      return [memberId, metadata.current?.assigned ?? new WorkSet()] as const
    })
    const { generation, lastCompletedGeneration, leaderId } = round
    const configured = configuredWork(snapshot)
    return assignor.assign({
      leaderId,
      configured,
      current: new Map(current),
      generation,
      lastCompletedGeneration
    })
  }

  #encode(
    { protocol, leaderId, members }: LeaderRound,
    result: AssignmentResult,
    head: { readonly error: number; readonly leaderUrl: string; readonly configOffset: bigint }
  ): EncodedAssignment[] {
    const nothing = { assigned: new WorkSet(), revoked: new WorkSet() }
    return members.map(({ memberId }) => {
      const { assigned, revoked } = result.members.get(memberId) ?? nothing
      const assignment = { ...head, leaderId, assigned, revoked, delayMs: result.delayMs }
      return { memberId, assignment: encodeAssignment(assignment, protocolVersions[protocol]) }
    })
  }
}

/** A connector without a consistent set of task configs has no tasks to be run. */
function configuredWork(snapshot: ConfigSnapshot): WorkSet {
  const work = new WorkSet()
  for (const connector of snapshot.connectors) {
    work.add({ connector, task: connectorItself })
    for (const task of snapshot.tasks(connector)) work.add(task)
  }
  return work
}
