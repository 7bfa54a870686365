/**
 * A TCP proxy before a broker that can misbehave. Brokers tell clients their own address, so the broker has to advertise the proxy:
 *
 *   const proxies = new BrokerProxies()
 *   const cluster = await LocalCluster.start({ advertise: proxies.advertise })
 *   proxies.of(1).cutAfter(1_000)      // then connect to cluster.bootstrapServers, which are the proxies
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { type AdvertisedFor } from '../../dev/local-kafka/local-cluster.ts'
import { type Endpoint } from '../../dev/local-kafka/listeners.ts'

type Mode = 'forward' | 'stall' | 'refuse'
export type Direction = 'to-broker' | 'to-client'

interface Cut {
  bytesLeft: number
  readonly direction: Direction
}

interface Link {
  readonly client: Socket
  readonly broker: Socket
}

export class TcpProxy {
  readonly target: Endpoint
  readonly #links = new Set<Link>()
  #server: Server | undefined
  #port = 0
  #mode: Mode = 'forward'
  #cut: Cut | undefined
  #accepted = 0
  #cuts = 0

  private constructor(target: Endpoint) {
    this.target = target
  }

  static async start(target: Endpoint): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await proxy.#listen()
    return proxy
  }

  get endpoint(): Endpoint {
    return { host: '127.0.0.1', port: this.#port }
  }

  /** Connections that were accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  get open(): number {
    return this.#links.size
  }

  /** How often `cutAfter` has struck. */
  get cuts(): number {
    return this.#cuts
  }

  /** Resets every open connection; new ones are served. */
  cutAll(): void {
    for (const link of this.#links) this.#reset(link)
  }

  /**
   * Lets `bytes` more pass in that direction, all connections together, then resets the connection on which they were
   * exceeded: in the middle of a frame unless the bytes happen to end one. Strikes once.
   */
  cutAfter(bytes: number, direction: Direction = 'to-client'): void {
    this.#cut = { bytesLeft: bytes, direction }
  }

  /** Connections stay open and new ones are accepted, but no byte passes until `resume`. */
  stall(): void {
    this.#mode = 'stall'
    for (const { client, broker } of this.#links) {
      client.pause()
      broker.pause()
    }
  }

  /** As `stall`, but requests on open connections still reach the broker. */
  holdAnswers(): void {
    this.stall()
    for (const { client } of this.#links) client.resume()
  }

  /** Nobody listens any more and open connections are reset, until `resume`. */
  async refuse(): Promise<void> {
    this.#mode = 'refuse'
    const server = this.#server
    this.#server = undefined
    this.cutAll()
    if (server === undefined) return
    server.close()
    await once(server, 'close')
  }

  /** Ends `stall` and `refuse`; the port is the old one. */
  async resume(): Promise<void> {
    this.#mode = 'forward'
    if (this.#server === undefined) await this.#listen()
    for (const { client, broker } of this.#links) {
      client.resume()
      broker.resume()
    }
  }

  async close(): Promise<void> {
    await this.refuse()
  }

  async #listen(): Promise<void> {
    const server = createServer({ noDelay: true }, (client) => {
      this.#accept(client)
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  #accept(client: Socket): void {
    this.#accepted++
    const link: Link = { client, broker: connect({ ...this.target, noDelay: true }) }
    this.#links.add(link)
    this.#forward(link, 'to-broker')
    this.#forward(link, 'to-client')
    if (this.#mode === 'stall') {
      client.pause()
      link.broker.pause()
    }
  }

  #forward(link: Link, direction: Direction): void {
    const [from, to] = direction === 'to-broker' ? [link.client, link.broker] : [link.broker, link.client]
    from.on('data', (chunk: Buffer) => {
      const cut = this.#cut
      if (cut?.direction === direction) {
        if (chunk.length > cut.bytesLeft) {
          this.#cut = undefined
          this.#cuts++
          // Half a frame first, so that the receiver has begun to read it.
          to.write(chunk.subarray(0, cut.bytesLeft), () => {
            this.#reset(link)
          })
          from.pause()
          return
        }
        cut.bytesLeft -= chunk.length
      }
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (this.#mode === 'forward') from.resume()
    })
    from.on('end', () => to.end())
    from.on('error', () => {
      this.#reset(link)
    })
    from.on('close', () => {
      this.#reset(link)
    })
  }

  #reset(link: Link): void {
    this.#links.delete(link)
    for (const socket of [link.client, link.broker]) if (!socket.destroyed) socket.resetAndDestroy()
  }
}

/** One proxy per broker and listener, made while the cluster starts. */
export class BrokerProxies {
  readonly #proxies = new Map<string, TcpProxy>()

  /** For LocalClusterOptions.advertise. */
  readonly advertise = async ({ nodeId, listener, host, port }: AdvertisedFor): Promise<Endpoint> => {
    const proxy = await TcpProxy.start({ host, port })
    this.#proxies.set(`${nodeId}/${listener}`, proxy)
    return proxy.endpoint
  }

  of(nodeId: number, listener = 'PLAINTEXT'): TcpProxy {
    const proxy = this.#proxies.get(`${nodeId}/${listener}`)
    if (proxy === undefined) throw new Error(`no proxy for listener ${listener} of broker ${nodeId}`)
    return proxy
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#proxies.values()].map(async (proxy) => {
        await proxy.close()
      })
    )
  }
}
