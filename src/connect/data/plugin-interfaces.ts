import { type ConnectHeader, type ConnectRecord } from './connect-record.ts'
import { type ConnectValue, type Schema } from './connect-data.ts'

export type { ConfigProvider } from '../../config/config-providers.ts'

/**
 * What an ES module named in a configuration has to export: a class that is made with the plug-in's own keys (without the
 * prefix `transforms.<alias>.`, without `type`, `predicate` and `negate`). Its constructor throws on a config that it cannot
 * use. Whatever a plug-in throws counts as a failure of the record; an error with a property `retriable: true` is tried
 * again as `errors.retry.timeout` says.
 */
export type PluginConfig = Readonly<Record<string, string>>
export type PluginClass<Plugin> = new (config: PluginConfig) => Plugin

export type RecordPart = 'topic' | 'partition' | 'key' | 'value' | 'timestamp' | 'headers'

interface RecordPlugin {
  /**
   * Parts of a record that the plug-in looks at or changes; all where it is not given. When a whole chain touches nothing
   * but topic and partition, batches pass without being decoded and the plug-in sees one record a batch, without the rest.
   */
  readonly touches?: readonly RecordPart[]
  /** Called once when the task ends. */
  close?(): void
}

/** A single-message transformation. */
export interface Transformation extends RecordPlugin {
  /** The record as it goes on; the same object when nothing changes, null to drop it. Synchronous. */
  apply(record: ConnectRecord): ConnectRecord | null
}

/** Decides whether a transformation applies to a record. */
export interface Predicate extends RecordPlugin {
  test(record: ConnectRecord): boolean
}

/** Makes bytes of keys or values. Only sources run here, so nothing is asked to read bytes. */
export interface Converter {
  /** Bytes to be written; null writes no key, or a tombstone. */
  fromConnectData(topic: string, schema: Schema | null, value: ConnectValue): Buffer | null
  close?(): void
}

export interface HeaderConverter {
  fromConnectHeader(topic: string, header: ConnectHeader): Buffer | null
  close?(): void
}
