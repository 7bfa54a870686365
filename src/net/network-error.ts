import { MirrorError } from '../base/errors.ts'

/** Codes of OpenSSL's handshake and of its verification of certificates; everything else is the network's. */
const tlsCodes =
  /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_|EPROTO)/

/** What an operator can do, by code. */
const tlsAdvice: readonly (readonly [RegExp, string])[] = [
  [
    /ALTNAME|HOSTNAME/,
    'The certificate does not name this host: use a name that it has in bootstrap.servers and advertised.listeners, ' +
      'or switch the check off with an empty ssl.endpoint.identification.algorithm.'
  ],
  [/EXPIRED|NOT_YET_VALID/, "Renew the broker's certificate, and compare the clocks."],
  [/PROTOCOL/, 'The broker and ssl.enabled.protocols have no TLS version in common.'],
  [
    /HANDSHAKE_FAILURE|NO_SHARED_CIPHER/,
    'The broker may want a client certificate (ssl.keystore.*), or other ciphers.'
  ],
  [/ALERT/, 'The broker refuses our certificate, or wants one: check ssl.keystore.* and what the broker trusts.'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH/, 'The port does not speak TLS: check security.protocol and the listener.'],
  [/./, "The broker's certificate is not trusted: check that ssl.truststore.* holds its certificate authority."]
]

const disconnectedInHandshake =
  'The broker hung up during the TLS handshake: does the port speak TLS (security.protocol, listener)?'

/**
 * The error that a socket raised, for those whose connection it was.
 *
 * @param broker `host:port`
 * @param inHandshake Whether the TLS handshake was still going on.
 */
export function socketError(broker: string, error: NodeJS.ErrnoException, inHandshake: boolean): MirrorError {
  const { code = '' } = error
  if (tlsCodes.test(code)) {
    const advice = tlsAdvice.find(([pattern]) => pattern.test(code))?.[1] ?? ''
    return new MirrorError('MIRROR_TLS', `No TLS with ${broker}: ${error.message} (${code}). ${advice}`, {
      cause: error
    })
  }
  if (inHandshake && code === 'ECONNRESET') {
    // A broker that is going down does the same, so it is worth another try.
    const message = `No TLS with ${broker}. ${disconnectedInHandshake}`
    return new MirrorError('MIRROR_TLS', message, { cause: error, retriable: true })
  }
  const message = `The connection to ${broker} failed: ${reasonOf(error)}`
  return new MirrorError('MIRROR_NETWORK', message, { cause: error, retriable: true })
}

/** A host with several addresses fails with all their errors and no message of its own. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ')
}
