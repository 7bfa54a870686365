import { randomBytes } from 'node:crypto'
import { asError, MirrorError } from '../../base/errors.ts'
import { type SaslSettings } from '../../config/client-settings.ts'
import { saslAuthenticate } from '../../wire/api/36-sasl-authenticate.ts'
import { saslHandshake } from '../../wire/api/17-sasl-handshake.ts'
import { brokerErrors } from '../../wire/error-codes.ts'
import { type VersionedRequests } from '../broker-connection.ts'
import { authenticatePlain } from './plain.ts'
import { AuthenticationError, type SendToken } from './sasl-mechanism.ts'
import { authenticateScram } from './scram.ts'

/**
 * Authenticates a connection: SaslHandshake names the mechanism, SaslAuthenticate carries its tokens.
 * Returns how long the broker lets the session live, in milliseconds; 0 for ever (KIP-368).
 *
 * @param broker `host:port`, for messages.
 */
export async function authenticate(broker: string, sasl: SaslSettings, requests: VersionedRequests): Promise<number> {
  const { mechanism, username } = sasl
  let sessionLifetimeMs = 0
  const send: SendToken = async (token) => {
    const version = requests.versionOf(saslAuthenticate) ?? 0
    const answer = await requests.requestVersion(saslAuthenticate, version, { authBytes: token })
    if (answer.errorCode !== 0) {
      throw new AuthenticationError(answer.errorMessage ?? `the broker answered with error ${answer.errorCode}`)
    }
    sessionLifetimeMs = Number(answer.sessionLifetimeMs)
    return answer.authBytes
  }
  try {
    await chooseMechanism(mechanism, requests)
    if (mechanism === 'PLAIN') await authenticatePlain(sasl, send)
    else await authenticateScram({ ...sasl, mechanism }, randomBytes(24).toString('base64url'), send)
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw asError(error)
    throw new AuthenticationError(
      `${broker} did not accept user "${username}" with ${mechanism}: ${error.message}. ` +
        'Check sasl.mechanism and the user name and password in sasl.jaas.config.',
      error
    )
  }
  return sessionLifetimeMs
}

async function chooseMechanism(mechanism: string, requests: VersionedRequests): Promise<void> {
  const version = requests.versionOf(saslHandshake)
  if (version === null) {
    throw new MirrorError('MIRROR_UNSUPPORTED_VERSION', 'SASL needs brokers of version 1.0 or newer (SaslHandshake v1)')
  }
  const { errorCode, mechanisms } = await requests.requestVersion(saslHandshake, version, { mechanism })
  if (errorCode === brokerErrors.UNSUPPORTED_SASL_MECHANISM) {
    throw new AuthenticationError(`the listener offers ${mechanisms.join(', ') || 'no mechanism'} only`)
  }
  if (errorCode === brokerErrors.ILLEGAL_SASL_STATE) {
    throw new AuthenticationError('the listener does not use SASL: security.protocol should be PLAINTEXT or SSL')
  }
  if (errorCode !== 0) throw new AuthenticationError(`the broker answered SaslHandshake with error ${errorCode}`)
}
