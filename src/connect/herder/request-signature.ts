import { createHmac, timingSafeEqual } from 'node:crypto'
import { type SessionKey } from '../storage/config-store.ts'
import { type RequestSignature } from './herder.ts'
import { RequestError } from './request-error.ts'

/** MACs by their names in Java, with the digest that Node knows and the bytes of key that Java generates by default. */
const macs: ReadonlyMap<string, { readonly digest: string; readonly keyBytes: number }> = new Map([
  ['HmacMD5', { digest: 'md5', keyBytes: 64 }],
  ['HmacSHA1', { digest: 'sha1', keyBytes: 64 }],
  ['HmacSHA224', { digest: 'sha224', keyBytes: 28 }],
  ['HmacSHA256', { digest: 'sha256', keyBytes: 32 }],
  ['HmacSHA384', { digest: 'sha384', keyBytes: 48 }],
  ['HmacSHA512', { digest: 'sha512', keyBytes: 64 }]
])

/** Bytes of a key for a MAC; undefined for a MAC that is not to be had. */
export function defaultKeyBytes(algorithm: string): number | undefined {
  return macs.get(algorithm)?.keyBytes
}

/** Signature of an internal request: the MAC of its body's bytes, an absent body counting as empty (spec 6.6). */
export function signRequest(key: Buffer, algorithm: string, body: Buffer): Buffer {
  const mac = macs.get(algorithm)
  if (mac === undefined) throw new RequestError('badRequest', `The MAC ${algorithm} is not to be had here`)
  return createHmac(mac.digest, key).update(body).digest()
}

export interface SignatureCheck {
  readonly signature: RequestSignature | undefined
  /** inter.worker.verification.algorithms */
  readonly allowedAlgorithms: readonly string[]
  readonly sessionKey: SessionKey | undefined
}

/** Throws the RequestError that the reference answers with, looked for in its order. */
export function verifySignature({ signature, allowedAlgorithms, sessionKey }: SignatureCheck): void {
  if (signature === undefined) throw new RequestError('badRequest', 'The request is not signed')
  const { algorithm, body } = signature
  if (!macs.has(algorithm)) throw new RequestError('badRequest', `The signature's MAC ${algorithm} is unknown`)
  if (!allowedAlgorithms.includes(algorithm)) {
    const allowed = allowedAlgorithms.join(', ')
    throw new RequestError('badRequest', `The signature's MAC ${algorithm} is not taken here, only ${allowed}`)
  }
  if (sessionKey === undefined) {
    throw new RequestError('noSessionKey', 'This worker has read no session key yet; send the request again later')
  }
  const expected = signRequest(sessionKey.key, algorithm, body)
  const isRight = expected.length === signature.signature.length && timingSafeEqual(expected, signature.signature)
  if (!isRight) throw new RequestError('forbidden', 'The signature is not that of the session key known here')
}
