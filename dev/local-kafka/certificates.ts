/**
 * Certificates for TLS listeners and clients, made when they are needed by Java's keytool: an authority, a broker certificate for
 * localhost and 127.0.0.1, and a client certificate, each as PEM and as PKCS12. Two calls give two authorities that do not trust each other.
 */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { javaCommand } from './kafka-jars.ts'
import { LocalKafkaError } from './local-kafka-error.ts'

/** Paths of files. */
export interface TrustFiles {
  readonly pem: string
  /** A trust store: the certificate alone. */
  readonly pkcs12: string
}

/** Paths of files. */
export interface KeyFiles {
  /** Private key (PKCS8, not encrypted) and certificate chain in one file, as Java's PEM key stores want it. */
  readonly pem: string
  readonly keyPem: string
  readonly certPem: string
  readonly pkcs12: string
}

export interface Certificates {
  /** Of every PKCS12 file and of the keys in it. */
  readonly password: string
  readonly ca: TrustFiles
  readonly broker: KeyFiles
  /** Its subject is CN=client. */
  readonly client: KeyFiles
}

const password = 'changeit'
const splitter = fileURLToPath(new URL('java/SplitKeyStore.java', import.meta.url))
const run = promisify(execFile)

/**
 * @param brokerNames what the broker certificate is valid for, as keytool spells alternative names
 * @throws LocalKafkaError TOOL_FAILED
 */
export async function createCertificates(
  dir: string,
  brokerNames = 'dns:localhost,ip:127.0.0.1'
): Promise<Certificates> {
  await mkdir(dir, { recursive: true })
  const signed = ['-signer', 'ca', '-ext']
  // One after the other: all three write the same key store.
  await addKey(dir, 'ca', ['-ext', 'bc:c', '-ext', 'ku:c=keyCertSign,cRLSign'])
  await addKey(dir, 'broker', [...signed, `san=${brokerNames}`])
  await addKey(dir, 'client', [...signed, 'eku=clientAuth'])
  await tool('java', [splitter, dir, password])
  return {
    password,
    ca: { pem: join(dir, 'ca.pem'), pkcs12: join(dir, 'ca.p12') },
    broker: keyFiles(dir, 'broker'),
    client: keyFiles(dir, 'client')
  }
}

async function addKey(dir: string, alias: string, extensions: readonly string[]): Promise<void> {
  const store = ['-keystore', join(dir, 'all.p12'), '-storetype', 'PKCS12', '-storepass', password]
  const key = ['-alias', alias, '-dname', `CN=${alias}`, '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '30']
  await tool('keytool', ['-genkeypair', ...key, ...extensions, ...store])
}

async function tool(program: 'java' | 'keytool', args: readonly string[]): Promise<void> {
  try {
    await run(javaCommand(program), [...args])
  } catch (cause) {
    throw new LocalKafkaError('TOOL_FAILED', `cannot make certificates: ${String(cause)}`, cause)
  }
}

function keyFiles(dir: string, name: string): KeyFiles {
  return {
    pem: join(dir, `${name}.pem`),
    keyPem: join(dir, `${name}-key.pem`),
    certPem: join(dir, `${name}-cert.pem`),
    pkcs12: join(dir, `${name}.p12`)
  }
}
