/** TCP ports of the loopback interface that nobody listens on. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the range that Linux and macOS give to outgoing connections, so that a broker which is down for a while
// finds its port free again.
const lowestPort = 15_000
const highestPort = 32_000
// Test processes that run side by side draw from ranges of their own: a port that is free in one may be that of a broker
// which is down for a moment in another.
const rangeCount = 8
const portsInRange = Math.floor((highestPort - lowestPort) / rangeCount)
const range = Number(process.env['VITEST_POOL_ID'] ?? randomInt(rangeCount)) % rangeCount

export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = lowestPort + range * portsInRange + randomInt(portsInRange)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
