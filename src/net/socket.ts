import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'

interface TlsClient {
  readonly secureContext: SecureContext
  readonly verifyHostname: boolean
}

/** Where a socket puts what it reads: `onread` of node:net asks for the next buffer right after each callback. */
export interface SocketReader {
  readonly buffer: () => Buffer
  readonly callback: (count: number) => boolean
}

export interface SocketOptions {
  readonly host: string
  readonly port: number
  /** Null for plaintext. */
  readonly tls: TlsClient | null
  readonly connectTimeoutMs: number
}

/**
 * Starts to connect. What arrives goes straight into the reader's buffers: with `onread` there is no `data` event, no
 * buffer per read and no concatenation of frames. On TLS, too, but in pieces of at most 16 KiB, a TLS record.
 * Without a reader the socket emits `data`, as other libraries expect it.
 */
export function openSocket(options: SocketOptions, reader: SocketReader | null): Socket {
  const { host, port, tls, connectTimeoutMs } = options
  const common = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    ...(reader === null ? {} : { onread: reader }),
    // A host with several addresses: Node gives each 250 ms, which a transatlantic connect already exceeds.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(connectTimeoutMs / 4))
  }
  if (tls === null) return connectTcp(common)
  return connectTls({
    ...common,
    secureContext: tls.secureContext,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment cannot switch it off.
    rejectUnauthorized: true,
    // The name goes to the broker only when it is one: addresses are not allowed in SNI.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.verifyHostname ? {} : { checkServerIdentity: () => undefined })
  })
}
