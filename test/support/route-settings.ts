/** What the connectors and producers of a route are made of, from its config alone. */
import { type ProducerSettings } from '../../src/config/client-settings.ts'
import { Findings } from '../../src/config/findings.ts'
import { parsePropertiesFile } from '../../src/config/properties-file.ts'
import { traced } from '../../src/config/traced-properties.ts'
import { resolveMirrorMakerConfig } from '../../src/driver/mirror-maker-config.ts'
import { type MirrorMakerConfig, type RouteConfig } from '../../src/driver/route-config.ts'
import { taskProducerProperties, taskProducerSettings } from '../../src/driver/worker-clients.ts'
import { type MirrorSourceConfig, readMirrorSourceConfig } from '../../src/mirror/source/mirror-source-config.ts'

/** What the route's source connector reads of its stored config. */
export function sourceOf(config: RouteConfig): MirrorSourceConfig {
  const findings = new Findings()
  const stored = traced(config.connectorProperties.get('MirrorSourceConnector') ?? [])
  const read = readMirrorSourceConfig(config.configProviders.resolve(stored, findings), findings)
  if (read === null) throw new Error('an unusable config was let through')
  return read
}

/** The producer of its first task. */
export function producerOf(config: RouteConfig): ProducerSettings {
  const connector = traced(config.connectorProperties.get('MirrorSourceConnector') ?? [])
  const properties = taskProducerProperties(traced(config.workerProperties), connector)
  const settings = taskProducerSettings(config.target, properties, new Findings())
  if (settings === null) throw new Error('an unusable producer was let through')
  return settings
}

export interface Selection {
  readonly clusters?: readonly string[]
  readonly env?: Record<string, string>
}

/** A file of these lines, read whole. */
export function load(lines: readonly string[], { clusters = [], env = {} }: Selection = {}): MirrorMakerConfig {
  const findings = new Findings()
  const properties = parsePropertiesFile(Buffer.from(lines.join('\n'), 'latin1'), findings)
  return resolveMirrorMakerConfig(properties, { clusters, env }, findings)
}

export function route(config: MirrorMakerConfig, name: string): RouteConfig {
  const found = config.routes.find(({ source, target }) => `${source}->${target}` === name)
  if (found === undefined) throw new Error(`no route ${name}`)
  return found
}

/** The smallest file that mirrors something. */
export const twoClusters = [
  'clusters = A, B',
  'A.bootstrap.servers = a:9092',
  'B.bootstrap.servers = b:9092',
  'A->B.enabled = true'
]
