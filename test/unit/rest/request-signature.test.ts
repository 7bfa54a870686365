import { describe, expect, it } from 'vitest'
import { RequestError } from '../../../src/connect/herder/request-error.ts'
import { signatureHeaders } from '../../../src/rest/request-signature.ts'
import { taskConfigSubmitter } from '../../../src/rest/submit-task-configs.ts'
import { scriptedPeer } from '../../support/rest-under-test.ts'

const key = {
  key: Buffer.from('bXSRMaIZmSydijW7V4QFMFmX/jqkV0Mxg7HZgs3Lqzk=', 'base64'),
  algorithm: 'HmacSHA256',
  createdAt: 0
}

describe('the signature of an internal request', () => {
  it.each([
    ['[{"config":"value"},{"config":"other_value"}]', 'Kv1/OSsxzdVIwvZ4e30avyRIVrngDfhzVUm/kAZEKc4='],
    [undefined, '18AWfsWiIA0COKBD/hiJosl9NLVgU9JyycUck9oL118=']
  ])('is the reference’s for the body %s', (body, signature) => {
    const headers = signatureHeaders(key, body === undefined ? undefined : Buffer.from(body))
    expect(headers).toEqual({
      'x-connect-authorization': signature,
      'x-connect-request-signature-algorithm': 'HmacSHA256'
    })
  })
})

describe('task configs', () => {
  const configs = [{ config: 'value' }, { config: 'other_value' }]
  const submitter = (peer: ReturnType<typeof scriptedPeer>): ReturnType<typeof taskConfigSubmitter> =>
    taskConfigSubmitter({ peers: peer.peers, source: 'A/1', target: 'B c', sessionKey: () => key })

  it('go to the leader as the reference sends them', async () => {
    const peer = scriptedPeer(204, '')
    await submitter(peer)('http://l:1/', 'So urce', configs)
    expect(peer.asked).toEqual([
      {
        method: 'POST',
        url: 'http://l:1/A%2F1/B%20c/connectors/So%20urce/tasks',
        headers: { 'content-type': 'application/json', ...signatureHeaders(key, Buffer.from(JSON.stringify(configs))) },
        body: Buffer.from(JSON.stringify(configs))
      }
    ])
  })

  it('that were refused say why, and whether it was the signature', async () => {
    const refused = (status: number): Promise<void> =>
      submitter(scriptedPeer(status, `{"error_code":${String(status)},"message":"no"}`))('http://l:1', 'S', configs)
    await expect(refused(409)).rejects.toMatchObject({
      retriable: true,
      message: 'The leader refused the task configs of S: no'
    })
    const forbidden = await refused(403).catch((error: unknown) => error)
    expect(forbidden).toBeInstanceOf(RequestError)
    expect(forbidden).toMatchObject({ kind: 'forbidden' })
  })

  it('stay here while the leader has no internal REST', async () => {
    const peer = scriptedPeer(204, '')
    await expect(submitter(peer)('NOTUSED', 'S', configs)).rejects.toThrow('dedicated.mode.enable.internal.rest=true')
    expect(peer.asked).toEqual([])
  })
})
