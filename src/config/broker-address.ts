import { type BrokerAddress } from './client-settings.ts'

/** `host:port`, `[IPv6]:port`, either with a `protocol://` in front, as the Java clients take them; null when it is none. */
export function parseBrokerAddress(text: string): BrokerAddress | null {
  const match = /^(?:[\w.%-]*:\/\/)?(?:\[([\w.%:-]+)\]|([\w.%-]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port > 65_535 ? null : { host, port }
}
