/**
 * Asks a broker which brokers its cluster has, by one hand-made Metadata request version 1. Independent of the
 * program under test and of kafkajs, which would follow the advertised addresses (through a proxy that a test stalls).
 */
import { once } from 'node:events'
import { connect } from 'node:net'

// length, api key 3, version 1, correlation id 1, no client id, no topics
const request = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex')

export interface ClusterView {
  readonly nodeIds: readonly number[]
}

/** The cluster as this PLAINTEXT listener tells it, or undefined when it does not answer properly within `timeoutMs`. */
export async function probeBroker(port: number, timeoutMs = 1_000): Promise<ClusterView | undefined> {
  const socket = connect({ host: '127.0.0.1', port })
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    await once(socket, 'connect', { signal: deadline })
    socket.write(request)
    let received: Buffer = Buffer.alloc(0)
    while (received.length < 4 || received.length < 4 + received.readInt32BE(0)) {
      const [chunk] = (await once(socket, 'data', { signal: deadline })) as [Buffer]
      received = Buffer.concat([received, chunk])
    }
    return { nodeIds: nodeIds(received) }
  } catch {
    return undefined
  } finally {
    socket.on('error', () => undefined).destroy()
  }
}

/** brokers => [node_id int32, host string, port int32, rack nullable string], after length and correlation id */
function nodeIds(response: Buffer): number[] {
  const ids: number[] = []
  let at = 8
  const count = response.readInt32BE(at)
  at += 4
  for (let i = 0; i < count; i++) {
    ids.push(response.readInt32BE(at))
    at += 4
    at += 2 + response.readInt16BE(at)
    at += 4
    at += 2 + Math.max(0, response.readInt16BE(at))
  }
  return ids.sort((a, b) => a - b)
}
