import { type Check } from '../config/option-table.ts'

/** An address that a server listens on. */
export interface Listener {
  /** Empty: every interface. IPv6 without brackets. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

const form = /^(?<scheme>[a-z]+):\/\/(?:\[(?<ipv6>[0-9a-f:.%]+)\]|(?<name>[^:/[\]@?#]*)):(?<port>\d{1,5})\/?$/i

/** `http://host:port`; undefined for anything else, https too: it is not in this release. */
export function parseListener(text: string): Listener | undefined {
  const { scheme, ipv6, name, port } = form.exec(text)?.groups ?? {}
  if (scheme?.toLowerCase() !== 'http' || Number(port) > 65_535) return undefined
  return { host: ipv6 ?? name ?? '', port: Number(port) }
}

export const httpListeners: Check<readonly string[]> = {
  expected: 'addresses as http://host:port, IPv6 in brackets',
  holds: (texts) => texts.every((text) => parseListener(text) !== undefined),
  reason: (texts) =>
    texts.some((text) => /^https:/i.test(text))
      ? 'https is not in this release; put a proxy that ends TLS in front'
      : 'this is none'
}

export function listenerUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}/`
}
