import { readFileSync } from 'node:fs'
import { asError } from '../base/errors.ts'
import { type StoreSettings } from './client-settings.ts'
import { type SecurityValues } from './security-options.ts'

/** A problem with a key of the table: `expected` completes the sentence "expected ...". */
export type Report = (key: keyof SecurityValues, expected: string) => void

/** The trust store of `ssl.truststore.*`; null when none is named. */
export function trustStoreSettings(values: SecurityValues, report: Report): StoreSettings | null {
  const certificates = values['ssl.truststore.certificates']
  if (certificates !== null) {
    if (values['ssl.truststore.location'] !== null) {
      report('ssl.truststore.location', 'no file where ssl.truststore.certificates is set')
    }
    requirePem('ssl.truststore.type', values['ssl.truststore.type'], report)
    return pemInline('ssl.truststore.certificates', certificates, report)
  }
  return storeFile('ssl.truststore', values, report)
}

/** The key store of `ssl.keystore.*`; null when none is named. */
export function keyStoreSettings(values: SecurityValues, report: Report): StoreSettings | null {
  const key = values['ssl.keystore.key']
  const chain = values['ssl.keystore.certificate.chain']
  if (key === null && chain === null) return storeFile('ssl.keystore', values, report)
  if (values['ssl.keystore.location'] !== null) {
    report('ssl.keystore.location', 'no file where ssl.keystore.key or ssl.keystore.certificate.chain is set')
  }
  requirePem('ssl.keystore.type', values['ssl.keystore.type'], report)
  if (key === null) report('ssl.keystore.key', 'the private key that goes with ssl.keystore.certificate.chain')
  if (chain === null) report('ssl.keystore.certificate.chain', 'the certificates that go with ssl.keystore.key')
  if (key === null || chain === null) return null
  pemInline('ssl.keystore.key', key, report)
  return pemInline('ssl.keystore.certificate.chain', `${chain}\n${key}`, report)
}

function requirePem(key: 'ssl.truststore.type' | 'ssl.keystore.type', type: string | null, report: Report): void {
  if (type?.toUpperCase() !== 'PEM') report(key, 'PEM, since the certificates are in the configuration itself')
}

function pemInline(key: keyof SecurityValues, pem: string, report: Report): StoreSettings | null {
  if (pem.includes('-----BEGIN ')) return { type: 'PEM-INLINE', pem }
  report(key, 'PEM text: -----BEGIN ...')
  return null
}

function storeFile(
  store: 'ssl.truststore' | 'ssl.keystore',
  values: SecurityValues,
  report: Report
): StoreSettings | null {
  const location = values[`${store}.location`]
  if (location === null) return null
  const password = values[`${store}.password`]
  const type = typeOf(store, location, values[`${store}.type`], report)
  if (type === 'PEM') {
    if (password !== null)
      report(`${store}.password`, 'no password for a PEM file; ssl.key.password is for the key in it')
    return { type, location }
  }
  if (type === null) return null
  if (password === null) {
    report(`${store}.password`, `the password of ${store}.location`)
    return null
  }
  return { type, location, password }
}

/**
 * Java's default type is JKS, and a JVM reads a PKCS12 file under that name too, so files in use are told apart by
 * their first bytes.
 */
function typeOf(
  store: 'ssl.truststore' | 'ssl.keystore',
  location: string,
  type: string | null,
  report: Report
): 'PEM' | 'PKCS12' | null {
  const content = readStart(location)
  if (typeof content === 'string') {
    report(`${store}.location`, `a file that can be read: ${content}`)
    return null
  }
  switch ((type ?? 'JKS').toUpperCase()) {
    case 'PEM':
      return 'PEM'
    case 'PKCS12':
      return 'PKCS12'
    case 'JKS':
      if (content[0] === derSequence) return 'PKCS12'
      report(
        `${store}.type`,
        'PEM or PKCS12: a JKS store cannot be read (the default of Java); ' +
          'convert it by keytool -importkeystore -deststoretype PKCS12'
      )
      return null
    default:
      report(`${store}.type`, 'PEM or PKCS12')
      return null
  }
}

/** First byte of a PKCS12 file; a JKS file begins with FE ED FE ED. */
const derSequence = 0x30

function readStart(location: string): Buffer | string {
  try {
    return readFileSync(location)
  } catch (thrown) {
    return asError(thrown).message
  }
}
