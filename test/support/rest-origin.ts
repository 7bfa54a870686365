import { type LocalMirror } from '../../dev/local-mirror.ts'
import { waitUntil } from './wait-until.ts'

const opened = 'REST API at '

/** Where the public REST API of a process is, once it is open: `http://127.0.0.1:<port>`. */
export async function restOrigin(mirror: LocalMirror): Promise<string> {
  const line = await waitUntil(
    'the REST API is open',
    async () => (await mirror.log()).findLast(({ msg }) => msg.startsWith(opened)),
    { timeoutMs: 60_000 }
  )
  return new URL(line.msg.slice(opened.length)).origin
}
