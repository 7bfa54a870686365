import { expect, test } from 'vitest'
import { pemBlocks, toPem } from '../../../src/net/pem.ts'

const base64 = Buffer.from('A certificate, or what stands for one in a test of line ends.').toString('base64')

test('blocks are found in order, and what stands around them is left out', () => {
  const text = `Bag Attributes\n${toPem('PRIVATE KEY', base64)}subject=x\n${toPem('CERTIFICATE', base64)}`
  expect(pemBlocks(text).map(({ label }) => label)).toEqual(['PRIVATE KEY', 'CERTIFICATE'])
})

test('line ends may have become spaces, or be those of Windows, or be missing', () => {
  const pem = toPem('CERTIFICATE', base64)
  expect(pem.split('\n')[1]?.length).toBe(64)
  for (const lineEnd of [' ', '\r\n', '']) {
    const changed = pem.replaceAll('\n', lineEnd)
    expect(pemBlocks(changed)).toEqual([{ label: 'CERTIFICATE', pem }])
  }
})

test('a block with header lines is kept as it is', () => {
  const pem = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${base64}\n-----END RSA PRIVATE KEY-----\n`
  expect(pemBlocks(pem)).toEqual([{ label: 'RSA PRIVATE KEY', pem }])
})
