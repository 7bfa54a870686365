/** HTTP by a client that nobody here wrote. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'

export interface CurlRequest {
  readonly method: string
  readonly url: string
  /** Default: `content-type: application/json` where there is a body. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface CurlAnswer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** @throws where no answer comes, and where curl is not installed */
export async function curl({ method, url, body, headers = {} }: CurlRequest): Promise<CurlAnswer> {
  const given = body === undefined ? headers : { 'content-type': 'application/json', ...headers }
  // Without `Expect`, which has large bodies wait for an answer of their own.
  const lines = [...Object.entries(given).map(([name, value]) => `${name}: ${value}`), 'Expect:']
  const sent = body === undefined ? [] : ['--data-binary', '@-']
  const args = ['-sS', '-i', '--max-time', '100', '-X', method, ...lines.flatMap((line) => ['-H', line]), ...sent, url]
  const child = spawn('curl', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close').catch((cause: unknown) => {
    throw new Error('curl cannot be run: these tests need it installed', { cause })
  })
  // A server that refuses a body by its length does not read it.
  child.stdin.on('error', () => undefined)
  child.stdin.end(body)
  const [out, complaint] = await Promise.all([buffer(child.stdout), text(child.stderr), ended])
  return parseAnswer(out.toString(), `${method} ${url}: ${complaint}`)
}

function parseAnswer(out: string, what: string): CurlAnswer {
  const end = out.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = out.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(statusLine)?.[1])
  if (end < 0 || Number.isNaN(status)) throw new Error(`no answer to ${what}`)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status, headers: new Map(headers), body: out.slice(end + 4) }
}
