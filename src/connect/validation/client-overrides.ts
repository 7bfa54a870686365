import { adminOptions, clientOptions, consumerOptions, producerOptions } from '../../config/client-options.ts'
import { securityOptions } from '../../config/security-options.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type PluginOptions } from '../plugins/plugin-registry.ts'
import { type ClientKind } from '../worker/client-override-policy.ts'
import { keyDefinition, type DefinedKey } from './key-definition.ts'

const tables: Readonly<Record<ClientKind, PluginOptions>> = {
  producer: { ...clientOptions, ...producerOptions, ...securityOptions },
  consumer: { ...clientOptions, ...consumerOptions, ...securityOptions },
  admin: { ...clientOptions, ...adminOptions, ...securityOptions }
}

/** `producer.override.…` and the like, for the clients that the connector gets: a producer always, others where it needs them. */
export function clientOverrides(config: ConnectorConfig): readonly DefinedKey[] {
  const keys = Object.keys(config)
  const hasOffsetsTopic = config['offsets.storage.topic'] != null
  const createsTopics = keys.some((key) => key.startsWith('topic.creation.'))
  const isUsed: Readonly<Record<ClientKind, boolean>> = {
    producer: true,
    consumer: hasOffsetsTopic,
    admin: hasOffsetsTopic || createsTopics
  }
  return (['producer', 'consumer', 'admin'] as const).flatMap((kind) => {
    const prefix = `${kind}.override.`
    const own = isUsed[kind] ? keys.filter((key) => key.startsWith(prefix)) : []
    return own.map((name) => {
      const option = tables[kind][name.slice(prefix.length)]
      // what a client requires is there without the override
      return { name, definition: option === undefined ? null : { ...keyDefinition(name, option), isRequired: false } }
    })
  })
}
