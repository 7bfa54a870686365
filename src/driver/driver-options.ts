import { boolean, list, required } from '../config/option-table.ts'
import { restOptions } from '../rest/rest-settings.ts'

/** Keys that belong to the process: only at the top level of the file. */
export const driverOptions = {
  clusters: list({
    default: required,
    importance: 'high',
    check: { expected: 'aliases of clusters, separated by commas', holds: (aliases) => aliases.length > 0 },
    meaning: 'Aliases of the clusters. Every other key of a cluster or of a route begins with them.'
  }),
  'config.providers': list({
    default: [],
    meaning:
      'Names of config providers, which `${name:path:key}` in values refers to. Each has `config.providers.<name>.class` and `.param.*`; there are EnvVarConfigProvider, FileConfigProvider and DirectoryConfigProvider of `org.apache.kafka.common.config.provider`, and classes of ES modules (docs/plugins.md).'
  }),
  'metrics.partition.series.enabled': boolean({
    default: true,
    meaning:
      'Whether `/metrics` has series of each partition. Those of tasks and routes are there without them too. A key of this program.'
  }),
  ...restOptions
}
