import { type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { program } from '../base/program.ts'
import { type SaslSettings } from '../config/client-settings.ts'
import { apiVersions } from '../wire/api/18-api-versions.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { BrokerConnection } from './broker-connection.ts'
import { type OpenConnection } from './connection.ts'
import { authenticate } from './sasl/authenticate.ts'
import { openSocket } from './socket.ts'
import { secureContextOf } from './tls.ts'

/** What brokers show of us in their metrics (KIP-511). */
const software = { clientSoftwareName: program.name, clientSoftwareVersion: program.version }

/** Share of a session's life after which it is renewed: late enough to be rare, early enough for a slow broker. */
const renewalPoint = 0.85

/**
 * Opens a connection that is ready for requests: TCP, TLS, ApiVersions and SASL, all within `connectTimeoutMs`.
 *
 * Rejects with a retriable MIRROR_NETWORK or MIRROR_TIMEOUT; with MIRROR_TLS, MIRROR_AUTHENTICATION or
 * MIRROR_UNSUPPORTED_VERSION, where somebody has to change something first; with MIRROR_PROTOCOL when the peer is no
 * Kafka broker. It never falls back to less security than was asked for.
 */
export const openConnection: OpenConnection = async (options) => {
  const { host, port, security, connectTimeoutMs, clock } = options
  const broker = `${host}:${port}`
  const tls =
    security.tls === null
      ? null
      : { secureContext: await secureContextOf(security.tls), verifyHostname: security.tls.verifyHostname }
  const connection = new BrokerConnection(options, (reader) =>
    openSocket({ host, port, tls, connectTimeoutMs }, reader)
  )
  let step = tls === null ? 'the TCP connection' : 'the TCP connection and TLS handshake'
  const cancelTimeout = clock.schedule(connectTimeoutMs, () => {
    const message = `${broker} did not complete ${step} within ${connectTimeoutMs} ms`
    connection.close(new MirrorError('MIRROR_TIMEOUT', message, { retriable: true }))
  })
  try {
    await connection.whenConnected()
    step = 'the exchange of API versions'
    await learnApiVersions(connection, broker)
    step = 'SASL authentication'
    if (security.sasl !== null) await startSession(connection, broker, { sasl: security.sasl, clock })
  } catch (error) {
    connection.close(asError(error))
    throw error
  } finally {
    cancelTimeout()
  }
  options.logger.debug({ broker, protocol: security.protocol, kind: options.kind }, 'Connected to a broker')
  return connection
}

/** Asks in the newest version; a broker that does not know it answers with error 35, and v0 every broker knows. */
async function learnApiVersions(connection: BrokerConnection, broker: string): Promise<void> {
  let answer = await connection.requestVersion(apiVersions, apiVersions.maxVersion, software)
  if (answer.errorCode === brokerErrors.UNSUPPORTED_VERSION) {
    answer = await connection.requestVersion(apiVersions, 0, software)
  }
  if (answer.errorCode !== 0) throw brokerError(answer.errorCode, `${broker} does not tell its API versions`)
  connection.setApiVersions(new Map(answer.apiKeys.map(({ key, ...range }) => [key, range])))
}

interface Session {
  readonly sasl: SaslSettings
  readonly clock: Clock
}

/**
 * Authenticates, and again before the session ends (KIP-368): a broker with connections.max.reauth.ms cuts off whoever
 * does not. Requests in flight are answered first, those made meanwhile wait a few milliseconds.
 */
async function startSession(connection: BrokerConnection, broker: string, session: Session): Promise<void> {
  const { sasl, clock } = session
  const lifetimeMs = await authenticate(broker, sasl, connection)
  if (lifetimeMs <= 0) return
  const cancel = clock.schedule(lifetimeMs * renewalPoint, () => {
    connection
      .exclusively(async () => {
        await startSession(connection, broker, session)
      })
      .catch((error: unknown) => {
        connection.close(asError(error))
      })
  })
  void connection.whenClosed.then(cancel)
}
