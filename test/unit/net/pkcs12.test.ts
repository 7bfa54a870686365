import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { pemBlocks } from '../../../src/net/pem.ts'
import { readPkcs12 } from '../../../src/net/pkcs12.ts'
import { legacyKeyStore, trustStore } from './pkcs12-stores.ts'

const subjects = (pem: string): string[] => pemBlocks(pem).map((block) => new X509Certificate(block.pem).subject)

test('a trust store of keytool yields its certificates, of whatever kind of key', async () => {
  const { certificates, identity } = await readPkcs12(Buffer.from(trustStore, 'base64'), 'secret1')
  expect(subjects(certificates.join('')).sort()).toEqual(['CN=ec', 'CN=root'])
  // Each signed itself: a changed byte would show.
  for (const certificate of certificates.map((pem) => new X509Certificate(pem))) {
    expect(certificate.verify(certificate.publicKey)).toBe(true)
  }
  expect(identity).toBe(null)
})

test('a key store as Java 8 encrypts it yields the key, its certificate and the issuer, and no stranger', async () => {
  const { certificates, identity } = await readPkcs12(Buffer.from(legacyKeyStore, 'base64'), 'secret1')
  expect(certificates.length).toBe(3)
  expect(subjects(identity?.chain ?? '')).toEqual(['CN=own', 'CN=root'])
  const own = new X509Certificate(identity?.chain ?? '')
  expect(own.checkPrivateKey(createPrivateKey(identity?.privateKey ?? ''))).toBe(true)
})

test('a wrong password, and a file that is something else, are refused', async () => {
  await expect(readPkcs12(Buffer.from(trustStore, 'base64'), 'secret2')).rejects.toThrow(/password/i)
  await expect(readPkcs12(Buffer.from('not a store'), 'secret1')).rejects.toThrow(Error)
})
