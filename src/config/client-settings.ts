/** Typed settings of Kafka clients, made once from Java client properties. Everything below the configuration takes these. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** A key store or trust store as Java's `ssl.*` keys name it: PEM text, a PEM file, or a PKCS12 file. */
export type StoreSettings =
  | { readonly type: 'PEM-INLINE'; readonly pem: string }
  | { readonly type: 'PEM'; readonly location: string }
  | { readonly type: 'PKCS12'; readonly location: string; readonly password: string }

export interface TlsSettings {
  /** Certificates to trust; null means the ones Node ships. */
  readonly trustStore: StoreSettings | null
  /** Our certificate and private key (mutual TLS). */
  readonly keyStore: StoreSettings | null
  /** Pass phrase of the private key (`ssl.key.password`). */
  readonly keyPassword: string | null
  /** Whether the broker's certificate must name the host (`ssl.endpoint.identification.algorithm`, off when empty). */
  readonly verifyHostname: boolean
  readonly enabledProtocols: readonly ('TLSv1.2' | 'TLSv1.3')[]
  /** Empty: Node's own list. */
  readonly cipherSuites: readonly string[]
}

export interface SaslSettings {
  readonly mechanism: SaslMechanism
  readonly username: string
  readonly password: string
}

export interface SecuritySettings {
  readonly protocol: SecurityProtocol
  /** Present exactly for SSL and SASL_SSL. */
  readonly tls: TlsSettings | null
  /** Present exactly for SASL_PLAINTEXT and SASL_SSL. */
  readonly sasl: SaslSettings | null
}

export interface ClientSettings {
  readonly bootstrapServers: readonly BrokerAddress[]
  readonly clientId: string
  readonly security: SecuritySettings
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly metadataMaxAgeMs: number
  readonly connectionsMaxIdleMs: number
}

export type IsolationLevel = 'read_uncommitted' | 'read_committed'
export type AutoOffsetReset = 'earliest' | 'latest' | 'none'

export interface ConsumerSettings extends ClientSettings {
  readonly fetchMinBytes: number
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  readonly fetchMaxWaitMs: number
  readonly isolationLevel: IsolationLevel
  readonly autoOffsetReset: AutoOffsetReset
  /** Empty: no rack, fetch from leaders. */
  readonly clientRack: string
}

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface ProducerSettings extends ClientSettings {
  /** -1: all in-sync replicas. */
  readonly acks: -1 | 1
  readonly maxInFlightRequests: number
  readonly maxRequestBytes: number
  /** Broker-side time to wait for replicas (`timeout_ms` of the request). */
  readonly ackTimeoutMs: number
  /** Codec that every batch must have; null keeps the source's, which is what lets batches pass unread. */
  readonly compressionType: CompressionType | null
}
