import { describe, expect, it } from 'vitest'
import { signRequest, verifySignature } from '../../../../src/connect/herder/request-signature.ts'
import { type RequestSignature } from '../../../../src/connect/herder/herder.ts'

const key = Buffer.from('bXSRMaIZmSydijW7V4QFMFmX/jqkV0Mxg7HZgs3Lqzk=', 'base64')
const body = Buffer.from('[{"config":"value"},{"config":"other_value"}]')
const sessionKey = { key, algorithm: 'HmacSHA256', createdAt: 0 }
const allowedAlgorithms = ['HmacSHA256']

const signed = (changes: Partial<RequestSignature> = {}): RequestSignature => ({
  algorithm: 'HmacSHA256',
  signature: signRequest(key, 'HmacSHA256', body),
  body,
  ...changes
})

describe('the signature of an internal request', () => {
  it("is Java's", () => {
    expect(signRequest(key, 'HmacSHA256', body).toString('base64')).toBe('Kv1/OSsxzdVIwvZ4e30avyRIVrngDfhzVUm/kAZEKc4=')
    const empty = signRequest(key, 'HmacSHA256', Buffer.alloc(0)).toString('base64')
    expect(empty).toBe('18AWfsWiIA0COKBD/hiJosl9NLVgU9JyycUck9oL118=')
  })

  it('is taken when it is right', () => {
    verifySignature({ signature: signed(), allowedAlgorithms, sessionKey })
  })

  it.each([
    ['there is none', undefined, sessionKey, 'badRequest'],
    ['its MAC is unknown', signed({ algorithm: 'HmacWhatever' }), undefined, 'badRequest'],
    ['its MAC is not allowed', signed({ algorithm: 'HmacSHA512' }), undefined, 'badRequest'],
    ['there is no session key yet', signed(), undefined, 'noSessionKey'],
    ['the body was changed', signed({ body: Buffer.from('[]') }), sessionKey, 'forbidden'],
    ['it is too short', signed({ signature: Buffer.from('short') }), sessionKey, 'forbidden']
  ] as const)('is refused when %s', (_, signature, knownKey, kind) => {
    const verify = (): void => {
      verifySignature({ signature, allowedAlgorithms, sessionKey: knownKey })
    }
    expect(verify).toThrow(expect.objectContaining({ kind }))
  })
})
