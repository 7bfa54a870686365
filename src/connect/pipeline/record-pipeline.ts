import { asError, MirrorError } from '../../base/errors.ts'
import { decodeBatch, encodeBatch, type RecordInput } from '../../wire/record.ts'
import { batchCodec } from '../../wire/record-batch.ts'
import { type ConnectRecord } from '../data/connect-record.ts'
import { type SourceBatch, sourceOffsetOf } from '../source-batch.ts'
import { type BatchPipeline } from './batch-pipeline.ts'
import { type ErrorHandler } from './error-handler.ts'
import { type ConverterSet, converterSteps, isRaw, type PipelineStep, type TransformStep } from './pipeline-step.ts'
import { draftOf, type RecordDraft } from './record-draft.ts'
import { type BatchPart, TransformedBatch } from './transformed-batch.ts'

export interface RecordPipelineOptions {
  readonly transforms: readonly TransformStep[]
  readonly converters: ConverterSet
  readonly errors: ErrorHandler
  readonly close: () => void
}

/** How far a batch gets without being decoded. */
interface TopicPlan {
  /** Where it goes by now; null when it is dropped. */
  readonly record: ConnectRecord | null
  /** The first transform that has to see the records; their number when none has to. */
  readonly nextTransform: number
}

const nothing = Buffer.alloc(0)

/** Takes batches apart only where a transform or converter looks at more than their topic. */
export class RecordPipeline implements BatchPipeline {
  readonly #options: RecordPipelineOptions
  readonly #steps: readonly PipelineStep[]
  readonly #isRaw: boolean
  #failure: Error | undefined

  constructor(options: RecordPipelineOptions) {
    this.#options = options
    this.#steps = [...options.transforms, ...converterSteps(options.converters)]
    this.#isRaw = isRaw(options.converters)
  }

  async apply(batches: readonly SourceBatch[]): Promise<readonly SourceBatch[]> {
    const output: SourceBatch[] = []
    for (const [index, batch] of batches.entries()) {
      try {
        if (this.#failure !== undefined) throw this.#failure
        await this.#applyTo(batch, output)
      } catch (thrown) {
        this.#failure = asError(thrown)
        for (const rest of batches.slice(index)) rest.release()
        break
      }
    }
    if (this.#failure !== undefined && output.length === 0) throw this.#failure
    return output
  }

  close(): void {
    this.#options.close()
  }

  /** Appends to `output` only when nothing can fail any more. */
  async #applyTo(batch: SourceBatch, output: SourceBatch[]): Promise<void> {
    if (batch.recordCount === 0) {
      output.push(batch)
      return
    }
    const plan = this.#plan(batch)
    if (plan.record === null) output.push(...dropped(batch))
    else if (plan.nextTransform === this.#options.transforms.length && this.#isRaw) {
      output.push(routed(batch, plan.record))
    } else output.push(...(await this.#transformRecords(batch, plan.record, plan.nextTransform)))
  }

  /**
   * Runs the leading transforms that see only the topic, once for the whole batch. What throws there is left to each
   * record, whose errors are counted and tolerated.
   */
  #plan(batch: SourceBatch): TopicPlan {
    const { transforms } = this.#options
    let record: ConnectRecord | null = topicRecord(batch)
    let next = 0
    try {
      for (const transform of transforms) {
        if (!transform.isDecidedByTopic) break
        if (transform.applies(record)) {
          if (!transform.isTopicOnly) break
          record = transform.transform(record)
        }
        next += 1
        if (record === null) break
      }
    } catch {
      return { record, nextTransform: next }
    }
    return { record, nextTransform: next }
  }

  async #transformRecords(batch: SourceBatch, start: ConnectRecord, firstStep: number): Promise<SourceBatch[]> {
    const parts = new Map<string, PartInProgress>()
    let isChanged = false
    const records = await decodeBatch(batch.records)
    for (const [index, source] of records.entries()) {
      const draft = draftOf(source, index, start.topic, start.partition ?? batch.targetPartition)
      for (let step = firstStep; step < this.#steps.length && draft.record !== null; step++) {
        const operation = this.#steps[step]
        if (operation === undefined) break
        try {
          operation.run(draft)
        } catch (thrown) {
          const origin = { partition: batch.sourcePartition.fields, offset: sourceOffsetOf(batch, index) }
          if (!(await this.#options.errors.recover(operation, draft, origin, thrown))) draft.record = null
        }
      }
      isChanged ||= isDraftChanged(draft)
      addToPart(parts, draft, batch)
    }
    const [only] = parts.values()
    if (only === undefined) return dropped(batch)
    if (!isChanged && parts.size === 1) return [routed(batch, only)]
    return TransformedBatch.partsOf(batch, await encoded([...parts.values()], batchCodec(batch.records, 0)))
  }
}

/** The part of a batch that goes to one partition. */
interface PartInProgress {
  readonly topic: string
  readonly partition: number
  readonly records: RecordInput[]
  readonly indexes: number[]
}

function topicRecord({ targetTopic, targetPartition }: SourceBatch): ConnectRecord {
  const nothingElse = { keySchema: null, key: null, valueSchema: null, value: null, timestamp: null, headers: [] }
  return { topic: targetTopic, partition: targetPartition, ...nothingElse }
}

/** Whether the bytes differ from what they were, or there are none any more. Where they go does not count. */
function isDraftChanged({ record, source, key, value, headers }: RecordDraft): boolean {
  return (
    record === null ||
    key !== source.key ||
    value !== source.value ||
    headers !== source.headers ||
    record.timestamp !== source.timestamp
  )
}

/** Parts come out in the order of their first record. */
function addToPart(parts: Map<string, PartInProgress>, draft: RecordDraft, batch: SourceBatch): void {
  const { record, index, key, value, headers } = draft
  if (record === null) return
  const partition = record.partition ?? batch.targetPartition
  const id = `${partition} ${record.topic}`
  let part = parts.get(id)
  if (part === undefined) {
    part = { topic: record.topic, partition, records: [], indexes: [] }
    parts.set(id, part)
  }
  const timestamp = record.timestamp === draft.source.timestamp ? record.timestamp : checkedTimestamp(record.timestamp)
  part.records.push({ timestamp, key, value, headers })
  part.indexes.push(index)
}

function checkedTimestamp(timestamp: bigint | null): bigint {
  if (timestamp === null) return -1n
  if (timestamp >= -1n) return timestamp
  throw new MirrorError('MIRROR_CONVERSION', `A transform gave a record the timestamp ${timestamp}, before 1970`)
}

async function encoded(parts: readonly PartInProgress[], codec: number): Promise<BatchPart[]> {
  const result: BatchPart[] = []
  for (const { topic, partition, records, indexes } of parts) {
    const batch = await encodeBatch(records, codec)
    result.push({ targetTopic: topic, targetPartition: partition, records: batch, originalIndexes: indexes })
  }
  return result
}

/** All of a batch as it is, perhaps to another place. */
function routed(batch: SourceBatch, to: Pick<ConnectRecord, 'topic' | 'partition'>): SourceBatch {
  const { topic: targetTopic, partition } = to
  const targetPartition = partition ?? batch.targetPartition
  if (targetTopic === batch.targetTopic && targetPartition === batch.targetPartition) return batch
  const part = { targetTopic, targetPartition, records: batch.records, originalIndexes: null }
  const [whole] = TransformedBatch.partsOf(batch, [part])
  return whole ?? batch
}

/** Nothing left of a batch but the position to move over it. */
function dropped(batch: SourceBatch): SourceBatch[] {
  const { targetTopic, targetPartition } = batch
  return TransformedBatch.partsOf(batch, [{ targetTopic, targetPartition, records: nothing, originalIndexes: [] }])
}
