import { expect, it } from 'vitest'
import { type Logger, silentLogger } from '../../../src/base/logger.ts'
import { type ConnectorConfig } from '../../../src/connect/connector-config.ts'
import { RequestError } from '../../../src/connect/herder/request-error.ts'
import { configureConnectors } from '../../../src/driver/connector-configs.ts'

/** Configs as the config topic holds them. */
function storedConfigs(initial: Readonly<Record<string, ConnectorConfig>>) {
  const configs = new Map(Object.entries(initial))
  const written: string[] = []
  const info = (name: string, config: ConnectorConfig) => ({ name, config, tasks: [], type: 'source' as const })
  return {
    configs,
    written,
    connectorInfo: (name: string) => {
      const config = configs.get(name)
      if (config === undefined) return Promise.reject(new RequestError('notFound', `Connector ${name} not found`))
      return Promise.resolve(info(name, config))
    },
    putConnectorConfig: (name: string, config: ConnectorConfig) => {
      const isCreated = !configs.has(name)
      configs.set(name, config)
      written.push(name)
      return Promise.resolve({ isCreated, info: info(name, config) })
    }
  }
}

const wanted = new Map([
  ['one', new Map([['topics', '${env:TOPICS}']])],
  ['two', new Map([['topics', 'y']])]
])

it('writes what is missing or differs, in the order given, and leaves the rest alone', async () => {
  const missing = storedConfigs({})
  await configureConnectors(missing, wanted, silentLogger)
  expect(missing.written).toEqual(['one', 'two'])
  const differing = storedConfigs({ one: { topics: '${env:TOPICS}' }, two: { topics: 'z' } })
  await configureConnectors(differing, wanted, silentLogger)
  expect(differing.written).toEqual(['two'])
  expect(differing.configs.get('two')).toEqual({ topics: 'y' })
})

it('rejects when the configs cannot be read, so that it is tried again', async () => {
  const herder = {
    ...storedConfigs({}),
    connectorInfo: () => Promise.reject(new RequestError('conflict', 'no leader'))
  }
  await expect(configureConnectors(herder, wanted, silentLogger)).rejects.toThrow('no leader')
})

it('warns when the stored config names other clusters by the same aliases', async () => {
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) }
  const key = 'source.cluster.bootstrap.servers'
  const file = new Map([['one', new Map([[key, 'new:9092']])]])
  await configureConnectors(storedConfigs({ one: { [key]: 'old:9092' } }), file, logger)
  expect(warnings).toEqual([expect.stringContaining('old:9092')])
})
