import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AuthenticationError, type SendToken } from './sasl-mechanism.ts'

export interface ScramCredentials {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** RFC 7677 asks for 4096 at least; a broker that asks for fewer is after the password. */
const leastIterations = 4096
/** Kafka's own tool makes at most 16384. A million takes a second: more is an attack on this process. */
const mostIterations = 1_000_000

const deriveKey = promisify(pbkdf2)

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding, as a client that also makes the broker prove that it knows the
 * password. User name and password are taken as UTF-8 without SASLprep, because Kafka's brokers store them so.
 *
 *   client-first  n,,n=user,r=nonce
 *   server-first  r=nonce...,s=salt,i=iterations
 *   client-final  c=biws,r=nonce...,p=proof
 *   server-final  v=signature, or e=error
 *
 * @param nonce Printable ASCII without comma, never used before.
 */
export async function authenticateScram(credentials: ScramCredentials, nonce: string, send: SendToken): Promise<void> {
  const digest = credentials.mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
  const hmac = (key: Buffer, text: string): Buffer => createHmac(digest, key).update(text).digest()

  const clientFirstBare = `n=${saslName(credentials.username)},r=${nonce}`
  const serverFirst = (await send(Buffer.from(`n,,${clientFirstBare}`))).toString()
  const { serverNonce, salt, iterations } = parseServerFirst(serverFirst, nonce)

  const keyBytes = digest === 'sha512' ? 64 : 32
  const saltedPassword = await deriveKey(credentials.password, salt, iterations, keyBytes, digest)
  const clientKey = hmac(saltedPassword, 'Client Key')
  const storedKey = createHash(digest).update(clientKey).digest()
  const clientFinalBare = `c=biws,r=${serverNonce}`
  const authMessage = `${clientFirstBare},${serverFirst},${clientFinalBare}`
  const proof = xor(clientKey, hmac(storedKey, authMessage)).toString('base64')

  const serverFinal = (await send(Buffer.from(`${clientFinalBare},p=${proof}`))).toString()
  checkServerFinal(serverFinal, hmac(hmac(saltedPassword, 'Server Key'), authMessage))
}

interface ServerFirst {
  readonly serverNonce: string
  readonly salt: Buffer
  readonly iterations: number
}

function parseServerFirst(message: string, clientNonce: string): ServerFirst {
  const refused = /^e=([^,]*)/.exec(message)?.[1]
  if (refused !== undefined) throw new AuthenticationError(`the broker refused: ${refused}`)
  // Attributes come in this order; an `m=` in front would be an extension that must be understood.
  const parts = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=(\d{1,9})(?:,.*)?$/.exec(message)
  if (parts === null) throw new AuthenticationError('the first SCRAM message of the broker is malformed')
  const [, serverNonce = '', salt = '', iterationText = ''] = parts
  if (!serverNonce.startsWith(clientNonce) || serverNonce.length === clientNonce.length) {
    throw new AuthenticationError('the broker did not extend our SCRAM nonce: somebody may be replaying its messages')
  }
  const iterations = Number(iterationText)
  if (iterations < leastIterations || iterations > mostIterations) {
    const range = `${leastIterations} to ${mostIterations}`
    throw new AuthenticationError(`the broker asks for ${iterations} SCRAM iterations, ${range} are accepted`)
  }
  return { serverNonce, salt: Buffer.from(salt, 'base64'), iterations }
}

function checkServerFinal(message: string, expected: Buffer): void {
  const refused = /^e=([^,]*)/.exec(message)?.[1]
  if (refused !== undefined) throw new AuthenticationError(`the broker refused: ${refused}`)
  const signature = Buffer.from(/^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(message)?.[1] ?? '', 'base64')
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw new AuthenticationError('the broker could not prove that it knows the password: it may be an impostor')
  }
}

/** A user name as SCRAM carries it: comma and equals sign would end the attribute. */
function saslName(username: string): string {
  return username.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
}
