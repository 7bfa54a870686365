import { describe, expect, it } from 'vitest'
import { askForNoTopics } from '../../../src/admin/kafkajs-remedies.ts'

/** A request of kafkajs: size, key, version, correlation id, client id, body. */
function frame(key: number, version: number, body: number[]): Buffer {
  const clientId = Buffer.from('mirror')
  const request = Buffer.alloc(14 + clientId.length + body.length)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(key, 4)
  request.writeInt16BE(version, 6)
  request.writeInt16BE(clientId.length, 12)
  request.set([...clientId, ...body], 14)
  return request
}

const allTopics = [255, 255, 255, 255, 0]

describe('the request that kafkajs sends before an admin call', () => {
  it('asks for no topics instead of all', () => {
    const request = frame(3, 6, allTopics)
    askForNoTopics(request)
    expect(request).toEqual(frame(3, 6, [0, 0, 0, 0, 0]))
  })

  it.each([
    ['another API', frame(19, 3, allTopics)],
    ['a version that cannot ask for none', frame(3, 0, allTopics)],
    ['a list of topics', frame(3, 6, [0, 0, 0, 1, 0, 1, 97, 0])],
    ['a frame that is cut short', frame(3, 6, [255])]
  ])('is left alone when it is %s', (_, request) => {
    const before = Buffer.from(request)
    askForNoTopics(request)
    expect(request).toEqual(before)
  })
})
