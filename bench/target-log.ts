/** Watches topics fill by their end offsets: one small request a look, nothing read, no topic ever created. */
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/logger.ts'
import { type Connection } from '../src/net/connection.ts'
import { openConnection } from '../src/net/open-connection.ts'
import { listOffsets, offsetSpec } from '../src/wire/api/02-list-offsets.ts'
import { type LocalCluster } from '../dev/local-kafka/local-cluster.ts'

export class TargetLog {
  readonly #connection: Connection
  readonly #request: Parameters<typeof listOffsets.encodeRequest>[1]

  private constructor(connection: Connection, topics: readonly string[], partitions: number) {
    this.#connection = connection
    const queries = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      timestamp: offsetSpec.latest,
      currentLeaderEpoch: -1
    }))
    this.#request = { isolationLevel: 0, topics: topics.map((name) => ({ name, partitions: queries })) }
  }

  /** Of a cluster with one broker. The topics need not exist yet. */
  static async connect(cluster: LocalCluster, topics: readonly string[], partitions: number): Promise<TargetLog> {
    const connection = await openConnection({
      ...cluster.broker(1).endpoint(),
      clientId: 'bench',
      security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      kind: 'control',
      maxFrameBytes: 1 << 24,
      clock: systemClock,
      logger: silentLogger
    })
    return new TargetLog(connection, topics, partitions)
  }

  /** Records written so far to all partitions together; a partition that does not exist has none. */
  async records(): Promise<number> {
    const { topics } = await this.#connection.request(listOffsets, this.#request)
    let records = 0n
    for (const { partitions } of topics) {
      for (const { errorCode, offset } of partitions) if (errorCode === 0) records += offset
    }
    return Number(records)
  }

  close(): void {
    this.#connection.close()
  }
}
