import { describe, expect, it } from 'vitest'
import { parseListener } from '../../../src/rest/listener.ts'
import { parseHeaderRules } from '../../../src/rest/response-headers.ts'
import { restOptions } from '../../../src/rest/rest-settings.ts'

describe('listeners', () => {
  it.each([
    ['http://:8083', { host: '', port: 8083 }],
    ['HTTP://127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['http://[::1]:80/', { host: '::1', port: 80 }],
    ['http://a-b.c:65535', { host: 'a-b.c', port: 65_535 }]
  ])('reads %s', (text, listener) => {
    expect(parseListener(text)).toEqual(listener)
  })

  it.each(['http://a', 'http://a:', 'http://a:65536', 'a:80', 'http://a:80/x', 'http://::1:80', 'ftp://a:80'])(
    'refuses %s',
    (text) => {
      expect(parseListener(text)).toBeUndefined()
    }
  )

  it('says of https what to do instead', () => {
    const parsed = restOptions.listeners.parse('https://:8443')
    expect(parsed).toMatchObject({ ok: false, expected: expect.stringContaining('a proxy that ends TLS') as string })
  })

  it('are not advertised as https, which they do not speak', () => {
    const option = restOptions['rest.advertised.listener']
    expect(['HTTP', 'https'].map((scheme) => option.parse(scheme).ok)).toEqual([true, false])
  })
})

describe('CORS keys', () => {
  it.each([
    ['*', true],
    ['http://a, http://b', true],
    ['http://a,http://a', false],
    ['http://*.x.com(', false]
  ])('origins %s: %s', (text, isGood) => {
    expect(restOptions['access.control.allow.origin'].parse(text).ok).toBe(isGood)
  })

  it.each([
    ['GET,PUT', true],
    ['GET,GET', false],
    ['get it', false]
  ])('methods %s: %s', (text, isGood) => {
    expect(restOptions['access.control.allow.methods'].parse(text).ok).toBe(isGood)
  })
})

describe('rules for headers', () => {
  it.each(['put X:1', 'set X', 'set X Y:1', 'set X:1:2', 'setDate X:soon', '"set X:1" x', 'set X:1,,set Y:2'])(
    'refuses %s',
    (text) => {
      expect(parseHeaderRules(text)).toBeUndefined()
    }
  )
})
