import { createPrivateKey, X509Certificate } from 'node:crypto'
import { toPem } from './pem.ts'

/** What a PKCS12 store holds, as PEM. */
export interface Pkcs12Contents {
  /** All certificates, each in its own block. */
  readonly certificates: readonly string[]
  /** The first private key with its certificate and the issuers of that, as TLS sends them; null without a key. */
  readonly identity: { readonly privateKey: string; readonly chain: string } | null
}

/**
 * Opens a PKCS12 store as keytool and openssl write them. OpenSSL, and so Node's `pfx` option, cannot do it: it takes no
 * certificates to trust from such a file, and refuses the encryption of stores that were made with Java 8.
 *
 * Throws an Error of the parser's when the password is wrong or the file is something else.
 */
export async function readPkcs12(file: Buffer, password: string): Promise<Pkcs12Contents> {
  // Loaded for those who have such a store: it takes longer to load than everything else in this folder.
  const { default: forge } = await import('node-forge')
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids
  const toBase64 = (value: ReturnType<typeof forge.asn1.fromDer>): string =>
    Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1').toString('base64')

  const store = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(file.toString('latin1')), false, password)
  const certificates: string[] = []
  const privateKeys: string[] = []
  for (const { safeBags } of store.safeContents) {
    for (const bag of safeBags) {
      if (bag.type === certBag) {
        // The parser leaves what is not RSA as ASN.1.
        const certificate = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1
        certificates.push(toPem('CERTIFICATE', toBase64(certificate)))
      } else if (bag.type === keyBag || bag.type === pkcs8ShroudedKeyBag) {
        const key = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1
        privateKeys.push(toPem('PRIVATE KEY', toBase64(key)))
      }
    }
  }
  const [privateKey] = privateKeys
  return {
    certificates,
    identity: privateKey === undefined ? null : { privateKey, chain: chainOf(privateKey, certificates) }
  }
}

/** A store may hold entries that have nothing to do with the key, and in any order; TLS wants leaf, issuer, its issuer. */
function chainOf(privateKey: string, certificates: readonly string[]): string {
  const key = createPrivateKey(privateKey)
  const rest = certificates.map((pem) => new X509Certificate(pem))
  const chain: X509Certificate[] = []
  let next = rest.findIndex((certificate) => certificate.checkPrivateKey(key))
  while (next >= 0) {
    const [taken] = rest.splice(next, 1)
    if (taken === undefined) break
    chain.push(taken)
    next = rest.findIndex((candidate) => taken.checkIssued(candidate))
  }
  return chain.map((certificate) => certificate.toString()).join('')
}
