import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Properties } from '../config/traced-properties.ts'
import { type ConnectorConfig, sameConfig } from '../connect/connector-config.ts'
import { type Herder } from '../connect/herder/herder.ts'
import { RequestError } from '../connect/herder/request-error.ts'

/**
 * Puts the connector configs that the file asks for where the stored ones differ (spec 0.2). Stored and wanted are compared
 * as they are written, with their placeholders: the reference compares resolved with unresolved, and so rewrites what has
 * placeholders at each change of leader.
 */
export async function configureConnectors(
  herder: Pick<Herder, 'connectorInfo' | 'putConnectorConfig'>,
  connectors: ReadonlyMap<string, Properties>,
  logger: Logger
): Promise<void> {
  const configure = async ([name, properties]: readonly [string, Properties]): Promise<void> => {
    const wanted: ConnectorConfig = Object.fromEntries(properties)
    const stored = await storedConfig(herder, name)
    if (stored !== undefined && sameConfig(stored, wanted)) return
    if (stored !== undefined) nameOtherClusters(name, stored, wanted, logger)
    const { isCreated } = await herder.putConnectorConfig(name, wanted, { mayReplace: true })
    logger.info({ connector: name }, isCreated ? `${name} is configured` : `${name} has its config from the file again`)
  }
  // All at once: each config that is written has the group rebalance, and these go into one rebalance.
  await Promise.all([...connectors].map(configure))
}

async function storedConfig(herder: Pick<Herder, 'connectorInfo'>, name: string): Promise<ConnectorConfig | undefined> {
  try {
    return (await herder.connectorInfo(name)).config
  } catch (thrown) {
    if (thrown instanceof RequestError && thrown.kind === 'notFound') return undefined
    throw asError(thrown)
  }
}

const clusterKeys = ['source.cluster.bootstrap.servers', 'target.cluster.bootstrap.servers'] as const

/** Two files that mean different clusters by one pair of aliases would take each other's positions for theirs. */
function nameOtherClusters(name: string, stored: ConnectorConfig, wanted: ConnectorConfig, logger: Logger): void {
  for (const key of clusterKeys) {
    const before = stored[key] ?? ''
    const now = wanted[key] ?? ''
    if (before === now || before === '') continue
    logger.warn(
      { connector: name, key, stored: before, file: now },
      `The stored config of ${name} has ${key}=${before}, the file ${now}: if these are different clusters, stored positions ` +
        'are of the other one; use other aliases then. The file wins'
    )
  }
}
