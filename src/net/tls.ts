import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, getCiphers, type SecureContext, type SecureContextOptions } from 'node:tls'
import { asError, MirrorError } from '../base/errors.ts'
import { type StoreSettings, type TlsSettings } from '../config/client-settings.ts'
import { pemBlocks } from './pem.ts'
import { type Pkcs12Contents, readPkcs12 } from './pkcs12.ts'

interface CachedContext {
  /** Size and time of change of the files it was made from. */
  readonly stamp: string
  readonly context: Promise<SecureContext>
}

/**
 * Contexts by the settings object that they were made from. To open a PKCS12 store takes 0.1 s of CPU, an old one 1 s, and a
 * mirror opens dozens of connections with the same settings; the entry goes with its settings.
 */
const contexts = new WeakMap<TlsSettings, CachedContext>()

/**
 * The settings as OpenSSL wants them. A store file that was replaced counts from the next connection on. Throws
 * MIRROR_TLS that names the key at fault.
 */
export async function secureContextOf(settings: TlsSettings): Promise<SecureContext> {
  const stamp = await stampOf(settings)
  const cached = contexts.get(settings)
  if (cached?.stamp === stamp) return await cached.context
  const made = { stamp, context: createContext(settings) }
  contexts.set(settings, made)
  try {
    return await made.context
  } catch (thrown) {
    // What was wrong (a file that may not be read) can be put right without changing the file.
    if (contexts.get(settings) === made) contexts.delete(settings)
    throw thrown
  }
}

async function stampOf({ trustStore, keyStore }: TlsSettings): Promise<string> {
  const files = [trustStore, keyStore].flatMap((store) =>
    store !== null && 'location' in store ? [store.location] : []
  )
  const stamps = await Promise.all(
    files.map(async (file) => {
      const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }))
      return `${mtimeMs}/${size}`
    })
  )
  return stamps.join(' ')
}

async function createContext(settings: TlsSettings): Promise<SecureContext> {
  const { trustStore, keyStore, enabledProtocols, cipherSuites } = settings
  const options: SecureContextOptions = {
    ...(trustStore === null ? {} : { ca: await trustedCertificates(trustStore) }),
    ...(keyStore === null ? {} : await identity(keyStore, settings.keyPassword)),
    minVersion: enabledProtocols.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: enabledProtocols.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    ...(cipherSuites.length === 0 ? {} : { ciphers: cipherSuites.map(openSslCipherName).join(':') }),
    // As in Java, a certificate in the trust store is trusted even when it is not a root.
    allowPartialTrustChain: true
  }
  try {
    return createSecureContext(options)
  } catch (error) {
    const hint =
      'Check ssl.keystore.*, ssl.key.password, ssl.truststore.*, and that key and certificate belong together.'
    throw new MirrorError('MIRROR_TLS', `OpenSSL refuses the TLS settings: ${asError(error).message}. ${hint}`, {
      cause: error
    })
  }
}

async function trustedCertificates(store: StoreSettings): Promise<string[]> {
  const certificates =
    store.type === 'PKCS12'
      ? (await openPkcs12(store, 'ssl.truststore')).certificates
      : pemBlocks(await pemText(store, 'ssl.truststore')).flatMap(({ label, pem }) =>
          isCertificate(label) ? [pem] : []
        )
  if (certificates.length > 0) return [...certificates]
  throw new MirrorError('MIRROR_TLS', `There is no certificate in ${nameOf(store, 'ssl.truststore')}`)
}

async function identity(store: StoreSettings, keyPassword: string | null): Promise<SecureContextOptions> {
  const name = nameOf(store, 'ssl.keystore')
  if (store.type === 'PKCS12') {
    const { identity: own } = await openPkcs12(store, 'ssl.keystore')
    if (own === null) throw new MirrorError('MIRROR_TLS', `There is no private key in ${name}`)
    return { key: own.privateKey, cert: own.chain }
  }
  const blocks = pemBlocks(await pemText(store, 'ssl.keystore'))
  const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))?.pem
  const cert = blocks.flatMap(({ label, pem }) => (isCertificate(label) ? [pem] : [])).join('')
  if (key === undefined || cert === '') {
    throw new MirrorError('MIRROR_TLS', `A PRIVATE KEY and a CERTIFICATE block are needed in ${name}`)
  }
  return { key, cert, ...(keyPassword === null ? {} : { passphrase: keyPassword }) }
}

function isCertificate(label: string): boolean {
  return label === 'CERTIFICATE' || label === 'TRUSTED CERTIFICATE' || label === 'X509 CERTIFICATE'
}

async function pemText(store: Exclude<StoreSettings, { type: 'PKCS12' }>, prefix: string): Promise<string> {
  return store.type === 'PEM-INLINE' ? store.pem : (await readStore(store.location, prefix)).toString()
}

async function openPkcs12(store: Extract<StoreSettings, { type: 'PKCS12' }>, prefix: string): Promise<Pkcs12Contents> {
  const file = await readStore(store.location, prefix)
  try {
    return await readPkcs12(file, store.password)
  } catch (error) {
    throw new MirrorError(
      'MIRROR_TLS',
      `Cannot open the PKCS12 store ${store.location}: ${asError(error).message} ` +
        `Check ${prefix}.password, and that it is PKCS12: "keytool -importkeystore -deststoretype PKCS12" converts JKS.`,
      { cause: error }
    )
  }
}

async function readStore(location: string, prefix: string): Promise<Buffer> {
  try {
    return await readFile(location)
  } catch (error) {
    throw new MirrorError('MIRROR_TLS', `Cannot read ${prefix}.location: ${asError(error).message}`, { cause: error })
  }
}

function nameOf(store: StoreSettings, prefix: string): string {
  return store.type === 'PEM-INLINE' ? `the PEM text of ${prefix}.*` : `${store.location} (${prefix}.location)`
}

/**
 * OpenSSL's name of a cipher suite that `ssl.cipher.suites` names in Java's (IANA's) way. TLS 1.3 has one name for each;
 * before, `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is `ECDHE-RSA-AES128-GCM-SHA256`. OpenSSL names pass unchanged.
 */
export function openSslCipherName(suite: string): string {
  const [, exchange, cipher] = /^(?:TLS|SSL)_(.+)_WITH_(.+)$/.exec(suite) ?? []
  const name =
    exchange === undefined || cipher === undefined
      ? suite
      : `${exchange === 'RSA' ? '' : `${exchange}_`}${cipher}`
          .replace(/AES_(\d+)/, 'AES$1')
          .replace('_CBC_', '_')
          .replace(/(CHACHA20_POLY1305)_SHA256$/, '$1')
          .replaceAll('_', '-')
  if (getCiphers().includes(name.toLowerCase())) return name
  throw new MirrorError('MIRROR_TLS', `ssl.cipher.suites names ${suite}, which this Node.js does not have`)
}
