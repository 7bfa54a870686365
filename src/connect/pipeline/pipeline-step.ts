import { MirrorError } from '../../base/errors.ts'
import { type RecordHeader } from '../../wire/record.ts'
import { ByteArrayConverter } from '../converters/byte-array-converter.ts'
import { type ConnectHeader, type ConnectRecord } from '../data/connect-record.ts'
import {
  type Converter,
  type HeaderConverter,
  type Predicate,
  type RecordPart,
  type Transformation
} from '../data/plugin-interfaces.ts'
import { type RecordDraft, WireHeader } from './record-draft.ts'

/** Names of the reference, for log lines. */
export type ErrorStage = 'TRANSFORMATION' | 'HEADER_CONVERTER' | 'KEY_CONVERTER' | 'VALUE_CONVERTER'

/** One operation on a record that can fail and be tried again. */
export interface PipelineStep {
  readonly stage: ErrorStage
  readonly className: string
  /** Throws whatever the plug-in throws; the draft is as before then. */
  run(draft: RecordDraft): void
}

/** A plug-in with the class name that the configuration gave. */
export interface Named<Plugin> {
  readonly className: string
  readonly plugin: Plugin
}

export interface TransformStepOptions {
  readonly transformation: Named<Transformation>
  readonly predicate: Named<Predicate> | null
  readonly negate: boolean
}

/** A transformation with its predicate. */
export class TransformStep implements PipelineStep {
  readonly stage = 'TRANSFORMATION'
  readonly className: string
  /** Whether the topic and partition alone tell if the transformation applies. */
  readonly isDecidedByTopic: boolean
  /** Whether it looks at nothing but those, and changes nothing else. */
  readonly isTopicOnly: boolean
  readonly #transformation: Transformation
  readonly #predicate: Predicate | null
  readonly #negate: boolean

  constructor({ transformation, predicate, negate }: TransformStepOptions) {
    this.className = transformation.className
    this.#transformation = transformation.plugin
    this.#predicate = predicate?.plugin ?? null
    this.#negate = negate
    this.isDecidedByTopic = this.#predicate === null || touchesTopicOnly(this.#predicate.touches)
    this.isTopicOnly = touchesTopicOnly(this.#transformation.touches)
  }

  applies(record: ConnectRecord): boolean {
    return this.#predicate === null || this.#predicate.test(record) !== this.#negate
  }

  transform(record: ConnectRecord): ConnectRecord | null {
    return this.#transformation.apply(record)
  }

  run(draft: RecordDraft): void {
    const { record } = draft
    if (record !== null && this.applies(record)) draft.record = this.transform(record)
  }
}

function touchesTopicOnly(touches: readonly RecordPart[] | undefined): boolean {
  return touches?.every((part) => part === 'topic' || part === 'partition') ?? false
}

export interface ConverterSet {
  readonly key: Named<Converter>
  readonly value: Named<Converter>
  readonly header: Named<HeaderConverter>
}

/** Whether bytes pass all converters as they are. */
export function isRaw({ key, value, header }: ConverterSet): boolean {
  return [key.plugin, value.plugin, header.plugin].every((converter) => converter instanceof ByteArrayConverter)
}

/** Headers, key, value, in the reference's order. */
export function converterSteps({ key, value, header }: ConverterSet): readonly PipelineStep[] {
  return [
    {
      stage: 'HEADER_CONVERTER',
      className: header.className,
      run(draft) {
        if (draft.record !== null) draft.headers = convertHeaders(draft, draft.record, header.plugin)
      }
    },
    {
      stage: 'KEY_CONVERTER',
      className: key.className,
      run(draft) {
        const { record } = draft
        if (record !== null) draft.key = checked(key.plugin.fromConnectData(record.topic, record.keySchema, record.key))
      }
    },
    {
      stage: 'VALUE_CONVERTER',
      className: value.className,
      run(draft) {
        const { record } = draft
        if (record !== null) {
          draft.value = checked(value.plugin.fromConnectData(record.topic, record.valueSchema, record.value))
        }
      }
    }
  ]
}

function convertHeaders(
  draft: RecordDraft,
  record: ConnectRecord,
  converter: HeaderConverter
): readonly RecordHeader[] {
  const isBytes = converter instanceof ByteArrayConverter
  if (isBytes && record.headers === draft.sourceHeaders) return draft.source.headers
  return record.headers.map((header: ConnectHeader): RecordHeader => {
    if (header instanceof WireHeader && isBytes) return header.pair
    const key = header instanceof WireHeader ? header.pair[0] : Buffer.from(header.key)
    return [key, checked(converter.fromConnectHeader(record.topic, header))]
  })
}

/** Plug-ins are not checked by a compiler. */
function checked(bytes: unknown): Buffer | null {
  if (bytes === null || bytes === undefined) return null
  if (Buffer.isBuffer(bytes)) return bytes
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new MirrorError('MIRROR_CONVERSION', `The converter answered with a ${typeof bytes} instead of bytes`)
}
