import { type Findings } from '../../config/findings.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { type TracedProperties } from '../../config/traced-properties.ts'
import { type SourceConnectorPlugin } from '../../connect/source-connector-plugin.ts'
import { type SourceConnector } from '../../connect/source-connector.ts'
import { type SourceTask } from '../../connect/source-task.ts'
import { sleep } from '../../base/clock.ts'
import { constantOffsetCheck } from '../altered-offsets.ts'
import { configProblems } from '../connector-properties.ts'
import { type CheckpointConnectorSettings, checkpointConnectorOptions, emulatedVersion } from '../mirror-options.ts'
import { type MirrorServices } from '../mirror-services.ts'

/** Null when anything is wrong with the connector's config. */
export function readMirrorCheckpointConfig(
  properties: TracedProperties,
  findings: Findings
): CheckpointConnectorSettings | null {
  return parseOptions(checkpointConnectorOptions, properties, findings)
}

/**
 * MirrorCheckpointConnector by name: it is stored, assigned and shown as the reference's is, so that a route can be shared
 * with Java workers and handed back, but emits no checkpoints yet and so has no tasks.
 */
export function mirrorCheckpointPlugin({ clock, loader }: MirrorServices): SourceConnectorPlugin {
  return {
    className: 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector',
    taskClassName: 'org.apache.kafka.connect.mirror.MirrorCheckpointTask',
    type: 'source',
    version: emulatedVersion,
    createConnector: () => idleConnector,
    /** A task that a Java leader configured: it idles. */
    createTask: () => {
      const stopping = new AbortController()
      const task: SourceTask = {
        start: () => Promise.resolve(),
        poll: async () => {
          await sleep(clock, idlePollMs, stopping.signal)
          return []
        },
        batchSettled: () => undefined,
        commit: () => Promise.resolve(),
        stop: () => {
          stopping.abort()
          return Promise.resolve()
        }
      }
      return task
    },
    validate: (config) =>
      configProblems(config, readMirrorCheckpointConfig, { options: checkpointConnectorOptions, loader }),
    checkOffset: constantOffsetCheck(['group', 'topic'], ['partition'])
  }
}

const idlePollMs = 1000

const idleConnector: SourceConnector = {
  start: () => Promise.resolve(),
  taskConfigs: () => [],
  stop: () => Promise.resolve()
}
