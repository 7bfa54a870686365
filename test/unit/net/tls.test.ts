import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSslCipherName, secureContextOf } from '../../../src/net/tls.ts'
import { trustStore } from './pkcs12-stores.ts'

test.each([
  ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'DHE-RSA-AES256-SHA256'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384']
])('the cipher suite %s is %s to OpenSSL', (java, openSsl) => {
  expect(openSslCipherName(java)).toBe(openSsl)
})

test('a cipher suite that Node.js lacks is named', () => {
  expect(() => openSslCipherName('TLS_KRB5_WITH_RC4_128_MD5')).toThrow(
    expect.objectContaining({
      code: 'MIRROR_TLS',
      message: expect.stringContaining('TLS_KRB5_WITH_RC4_128_MD5') as string
    })
  )
})

test('a store that could not be used is read again for the next connection, even if its file looks the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const location = join(folder, 'trust.p12')
  const content = Buffer.from(trustStore, 'base64')
  const write = (bytes: Buffer): void => {
    writeFileSync(location, bytes)
    utimesSync(location, 1000, 1000)
  }
  const settings = {
    trustStore: { type: 'PKCS12', location, password: 'secret1' } as const,
    keyStore: null,
    keyPassword: null,
    verifyHostname: true,
    enabledProtocols: [],
    cipherSuites: []
  }
  write(Buffer.alloc(content.length))
  await expect(secureContextOf(settings)).rejects.toMatchObject({ code: 'MIRROR_TLS' })
  write(content)
  await expect(secureContextOf(settings)).resolves.toBeDefined()
})
