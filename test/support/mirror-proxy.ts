import { type LocalClusterOptions } from '../../dev/local-kafka/local-cluster.ts'
import { cleanUpAfterFile } from './real-cluster.ts'
import { BrokerProxies, type TcpProxy } from './tcp-proxy.ts'

/** Beside the listener of everybody else. */
const name = 'MIRROR'

/** A proxy before a cluster of one broker: mirrors go through it, load and comparison do not. */
export class MirrorProxy {
  readonly #proxies: BrokerProxies
  /** What the cluster has to be started with. */
  readonly clusterOptions: LocalClusterOptions

  constructor(proxies: BrokerProxies) {
    this.#proxies = proxies
    this.clusterOptions = {
      listeners: [{ name, protocol: 'PLAINTEXT' }],
      advertise: (at) => (at.listener === name ? proxies.advertise(at) : undefined)
    }
  }

  /** @throws before the cluster has started */
  get tcp(): TcpProxy {
    return this.#proxies.of(1, name)
  }

  /** Of the cluster, through the proxy. */
  get bootstrapServers(): string {
    const { host, port } = this.tcp.endpoint
    return `${host}:${port}`
  }
}

/** To be called at the top of a file, which it ends with. */
export function mirrorProxy(): MirrorProxy {
  const proxies = new BrokerProxies()
  cleanUpAfterFile()(() => proxies.close())
  return new MirrorProxy(proxies)
}
