import { expect, test } from 'vitest'
import { openSslCipherName } from '../../../src/net/tls.ts'

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
