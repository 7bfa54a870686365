import { Reader, ProtocolError } from '../../wire/reader.ts'
import { Writer } from '../../wire/writer.ts'
import { WorkSet } from './work-set.ts'

/**
 * What workers tell each other through JoinGroup and SyncGroup (protocol type `connect`).
 *
 *   metadata   v0    => version INT16, url STRING, config_offset INT64
 *              v1, 2 => ... current_assignment NULLABLE_BYTES (an assignment, with a version of its own)
 *   assignment v0    => version INT16, error INT16, leader STRING, leader_url STRING, config_offset INT64,
 *                       assigned [connector STRING, [task INT32]]
 *              v1, 2 => ... revoked [connector STRING, [task INT32]], delay_ms INT32; both arrays nullable
 *
 * Task -1 is the connector itself. v1 and v2 differ in nothing but the number: v2 says that requests between workers are signed.
 * Under v0 `assigned` is all that the member is to run; from v1 on it is what comes in addition.
 */
export type ConnectProtocol = 'sessioned' | 'compatible' | 'default'

export const protocolVersions: Readonly<Record<ConnectProtocol, number>> = { sessioned: 2, compatible: 1, default: 0 }

/** What a worker offers by its `connect.protocol`, best first; the brokers elect one that all members offer. */
export const offeredProtocols: Readonly<Record<'sessioned' | 'compatible' | 'eager', readonly ConnectProtocol[]>> = {
  sessioned: ['sessioned', 'compatible', 'default'],
  compatible: ['compatible', 'default'],
  eager: ['default']
}

export function isConnectProtocol(name: string | null): name is ConnectProtocol {
  return name !== null && Object.hasOwn(protocolVersions, name)
}

export const assignmentErrors = { none: 0, configMismatch: 1 } as const

export interface WorkerMetadata {
  readonly url: string
  readonly configOffset: bigint
  /** What the worker runs; undefined when it has no assignment. Not sent under v0. */
  readonly current: MemberAssignment | undefined
}

export interface MemberAssignment {
  readonly error: number
  readonly leaderId: string
  readonly leaderUrl: string
  readonly configOffset: bigint
  readonly assigned: WorkSet
  readonly revoked: WorkSet
  readonly delayMs: number
}

export function encodeMetadata({ url, configOffset, current }: WorkerMetadata, version: number): Buffer {
  const writer = new Writer().int16(version).string(url).int64(configOffset)
  if (version > 0) writer.bytes(current === undefined ? null : encodeAssignment(current, version))
  return writer.toBuffer()
}

/** Throws MIRROR_PROTOCOL. */
export function decodeMetadata(bytes: Buffer): WorkerMetadata {
  const reader = new Reader(bytes)
  readVersion(reader)
  const url = reader.string()
  const configOffset = reader.int64()
  const current = reader.remaining > 0 ? reader.nullableBytes() : null
  return { url, configOffset, current: current === null ? undefined : decodeAssignment(current) }
}

export function encodeAssignment(assignment: MemberAssignment, version: number): Buffer {
  const writer = new Writer().int16(version).int16(assignment.error)
  writer.string(assignment.leaderId).string(assignment.leaderUrl).int64(assignment.configOffset)
  writeWork(writer, assignment.assigned)
  if (version > 0) {
    writeWork(writer, assignment.revoked)
    writer.int32(assignment.delayMs)
  }
  return writer.toBuffer()
}

/**
 * Reads any version by the layout of v1, of which the later fields may be absent: that is how v0 is read, and how versions
 * to come will be. Throws MIRROR_PROTOCOL.
 */
export function decodeAssignment(bytes: Buffer): MemberAssignment {
  const reader = new Reader(bytes)
  readVersion(reader)
  const error = reader.int16()
  const head = { error, leaderId: reader.string(), leaderUrl: reader.string(), configOffset: reader.int64() }
  const assigned = reader.remaining > 0 ? readWork(reader) : new WorkSet()
  const revoked = reader.remaining > 0 ? readWork(reader) : new WorkSet()
  const delayMs = reader.remaining > 0 ? reader.int32() : 0
  return { ...head, assigned, revoked, delayMs }
}

function readVersion(reader: Reader): void {
  const version = reader.int16()
  if (version < 0) throw new ProtocolError(`Version ${version} of the Connect protocol does not exist`)
}

/** One entry a connector, itself before its tasks. */
function writeWork(writer: Writer, work: WorkSet): void {
  const tasksOf = new Map<string, number[]>()
  for (const { connector, task } of work) {
    const tasks = tasksOf.get(connector)
    if (tasks === undefined) tasksOf.set(connector, [task])
    else tasks.push(task)
  }
  writer.array([...tasksOf], ([connector, tasks]) => {
    writer.string(connector).array(tasks, (task) => writer.int32(task))
  })
}

function readWork(reader: Reader): WorkSet {
  const work = new WorkSet()
  reader.array(() => {
    const connector = reader.string()
    reader.array(() => {
      work.add({ connector, task: reader.int32() })
    })
  })
  return work
}
