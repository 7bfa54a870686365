import { type Clock, sleep, untilTickMs } from '../../base/clock.ts'
import { type SourceBatch } from '../../connect/source-batch.ts'
import { type SourceTask } from '../../connect/source-task.ts'
import { encodeHeartbeat } from '../../mirror-client/heartbeat.ts'
import { encodeBatch } from '../../wire/record.ts'

export interface MirrorHeartbeatTaskOptions {
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly topic: string
  readonly intervalMs: number
  readonly clock: Clock
}

/** Writes one heartbeat per interval. Stored positions mean nothing here and are always 0, as in the reference. */
export class MirrorHeartbeatTask implements SourceTask {
  readonly #options: MirrorHeartbeatTaskOptions
  readonly #sourcePartition: SourceBatch['sourcePartition']
  readonly #stopping = new AbortController()

  constructor(options: MirrorHeartbeatTaskOptions) {
    this.#options = options
    const { sourceAlias: sourceClusterAlias, targetAlias: targetClusterAlias } = options
    this.#sourcePartition = { fields: { sourceClusterAlias, targetClusterAlias } }
  }

  async start(): Promise<void> {
    // Nothing was stored that would say where to go on.
  }

  async poll(): Promise<readonly SourceBatch[]> {
    const { clock, intervalMs, sourceAlias, targetAlias, topic } = this.#options
    await sleep(clock, untilTickMs(clock, intervalMs), this.#stopping.signal)
    if (this.#stopping.signal.aborted) return []
    const timestamp = BigInt(clock.now())
    const heartbeat = { sourceClusterAlias: sourceAlias, targetClusterAlias: targetAlias, timestamp }
    const records = await encodeBatch([{ timestamp, ...encodeHeartbeat(heartbeat) }])
    const sourcePartition = this.#sourcePartition
    const place = { targetTopic: topic, targetPartition: 0, firstOffset: 0n, lastOffset: 0n }
    return [{ sourcePartition, ...place, recordCount: 1, records, release: () => undefined }]
  }

  batchSettled(): void {
    // Nobody waits for a heartbeat.
  }

  async commit(): Promise<void> {
    // Nothing to do: the next heartbeat comes by itself.
  }

  stop(): Promise<void> {
    this.#stopping.abort()
    return Promise.resolve()
  }
}
