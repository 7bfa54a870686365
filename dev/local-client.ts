/** The program's own client for what tools do beside the mirror: no JVM to start, no group to join. */
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/logger.ts'
import { systemRandom } from '../src/base/random.ts'
import { connectCluster, type KafkaCluster } from '../src/client/kafka-cluster.ts'
import { clientSettings } from '../src/config/client-settings-builder.ts'
import { Findings } from '../src/config/findings.ts'
import { traced } from '../src/config/traced-properties.ts'
import { openConnection } from '../src/net/open-connection.ts'

/** To be closed by the caller. */
export function connectLocal(bootstrapServers: string): KafkaCluster {
  return connectCluster({
    alias: 'local',
    settings: settingsFor(bootstrapServers),
    openConnection,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger
  })
}

function settingsFor(bootstrapServers: string) {
  const findings = new Findings()
  const properties = traced([
    ['bootstrap.servers', bootstrapServers],
    // How late the news of a topic may be.
    ['retry.backoff.max.ms', '100']
  ])
  const settings = clientSettings({ properties, clientId: () => 'local', findings, absent: (key) => key })
  if (settings === null) throw new Error(`the tool's own client: ${JSON.stringify(findings.problems)}`)
  return settings
}
