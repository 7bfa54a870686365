import { deferred } from '../../src/base/deferred.ts'
import { type OutgoingBatch, type RawProducer } from '../../src/client/raw-producer.ts'
import { type SourceBatch, type SourcePartition } from '../../src/connect/source-batch.ts'
import { type SourceTask, type SourceTaskContext } from '../../src/connect/source-task.ts'
import { type SourceOffsetStore } from '../../src/connect/worker/offset-committer.ts'
import { type CommittableOffset } from '../../src/connect/worker/submitted-batches.ts'

const toyPartition: SourcePartition = { fields: { cluster: 'A', partition: 0, topic: 't' } }

/** A source task whose batches a test gives. */
export class ToyTask implements SourceTask {
  readonly calls: string[] = []
  readonly released: bigint[] = []
  startFailure: Error | undefined
  acceptsRuns: boolean | undefined
  /** Of the next poll. */
  batches: SourceBatch[] = []
  pollFailure: Error | undefined
  polls = 0
  #poll = deferred<undefined>()

  async start(context: SourceTaskContext): Promise<void> {
    this.calls.push('start')
    this.acceptsRuns = context.acceptsRuns
    if (this.startFailure !== undefined) throw this.startFailure
    await context.storedOffsets([toyPartition])
  }

  async poll(): Promise<readonly SourceBatch[]> {
    this.polls += 1
    if (this.batches.length === 0) await this.#poll.promise
    if (this.pollFailure !== undefined) throw this.pollFailure
    const { batches } = this
    this.batches = []
    return batches
  }

  give(lastOffset: bigint, recordCount = 1, sourcePartition = toyPartition): void {
    this.batches.push({
      sourcePartition,
      ...{ firstOffset: lastOffset, lastOffset, recordCount, records: Buffer.alloc(1) },
      ...{ targetTopic: 'A.t', targetPartition: 0 },
      release: () => this.released.push(lastOffset)
    })
    this.wake()
  }

  wake(): void {
    this.#poll.resolve(undefined)
    this.#poll = deferred()
  }

  batchSettled(batch: SourceBatch): void {
    this.calls.push(`settled ${batch.lastOffset}`)
  }

  async commit(): Promise<void> {
    this.calls.push('commit')
    await Promise.resolve()
  }

  async stop(): Promise<void> {
    this.calls.push('stop')
    this.wake()
    await Promise.resolve()
  }
}

/** A producer whose batches are acknowledged when a test says so. */
export class ToyProducer implements RawProducer {
  readonly sent: OutgoingBatch[] = []
  /** Since the start, also of what is acknowledged. */
  sends = 0
  isClosed = false
  isAway = false
  /** What a flush waits for. */
  drained: Promise<undefined> | undefined

  send(_topic: string, _partition: number, batch: OutgoingBatch): void {
    this.sends += 1
    this.sent.push(batch)
  }

  get outstandingBatches(): number {
    return this.sent.length
  }

  settle(count = this.sent.length): void {
    for (const batch of this.sent.splice(0, count)) batch.settled([{ firstIndex: 0, count: 1, baseOffset: 0n }], [])
  }

  readonly flushTimeouts: number[] = []

  async flush(timeoutMs: number): Promise<boolean> {
    this.flushTimeouts.push(timeoutMs)
    if (this.drained !== undefined) await this.drained
    if (!this.isAway) this.settle()
    return await Promise.resolve(!this.isAway)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.resolve()
  }
}

/** Positions in memory. */
export class ToyStore implements SourceOffsetStore {
  readonly stored: bigint[] = []
  isHanging = false
  isFailing = false
  puts = 0
  /** What a put waits for. */
  answered: Promise<undefined> | undefined

  /** What `get` answers for every partition. */
  position: bigint | undefined

  async get(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]> {
    if (this.isHanging) await new Promise(() => undefined)
    return await Promise.resolve(partitions.map(() => this.position))
  }

  async put(offsets: readonly CommittableOffset[]): Promise<void> {
    this.puts += 1
    await (this.answered ?? Promise.resolve())
    if (this.isFailing) throw new Error('the store is away')
    this.stored.push(...offsets.map(({ offset }) => offset))
  }
}
