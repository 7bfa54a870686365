import { type ConnectorInfo, type ConnectorStatus, type Herder } from '../../src/connect/herder/herder.ts'
import { RequestError } from '../../src/connect/herder/request-error.ts'

const unknown = (name: string): RequestError => new RequestError('notFound', `Connector ${name} not found`)

export const sourceInfo: ConnectorInfo = {
  name: 'Source',
  config: { name: 'Source', 'connector.class': 'x.SourceConnector', 'sasl.jaas.config': 'secret', empty: null },
  tasks: [{ connector: 'Source', task: 0 }],
  type: 'source'
}

const sourceStatus: ConnectorStatus = {
  name: 'Source',
  connector: { state: 'RUNNING', workerId: 'w:1/A->B', version: '4.3.1', trace: null },
  tasks: [{ id: 0, state: 'FAILED', workerId: 'w:1/A->B', version: null, trace: 'boom' }],
  type: 'source'
}

/**
 * A herder with one connector, `Source`, that does what it is asked and writes it down: what the REST layer calls, and what
 * it makes of the answers. `overrides` replace single calls, to fail them.
 */
export function scriptedHerder(overrides: Partial<Herder> = {}): { herder: Herder; calls: unknown[] } {
  const calls: unknown[] = []
  const known = <T>(name: string, answer: T): Promise<T> =>
    name === 'Source' ? Promise.resolve(answer) : Promise.reject(unknown(name))
  const noted = <T>(call: readonly [string, string, ...unknown[]], answer: T): Promise<T> => {
    calls.push(call)
    return known(call[1], answer)
  }
  const herder: Herder = {
    kafkaClusterId: 'cluster-b',
    sessionKey: undefined,
    health: () => Promise.resolve({ status: 'healthy', message: 'At work' }),
    connectors: () => Promise.resolve(['Source', 'New']),
    connectorInfo: (name) => known(name, sourceInfo),
    putConnectorConfig: (name, config, options) => {
      calls.push(['putConnectorConfig', name, config, options])
      if (!options.mayReplace && name === 'Source') {
        return Promise.reject(new RequestError('conflict', 'Connector Source already exists'))
      }
      const info = { name, config, tasks: [], type: 'source' } as const
      return Promise.resolve({ isCreated: name !== 'Source', info })
    },
    patchConnectorConfig: (name, patch) => noted(['patchConnectorConfig', name, patch], sourceInfo),
    deleteConnector: (name) => noted(['deleteConnector', name], undefined),
    taskConfigs: (name) =>
      known(name, [{ id: { connector: name, task: 0 }, config: { 'ssl.key.password': 'x', a: '1' } }]),
    putTaskConfigs: (name, configs, signature) => noted(['putTaskConfigs', name, configs, signature], undefined),
    connectorStatus: (name) => known(name, sourceStatus),
    taskStatus: ({ connector, task }) =>
      task === 0
        ? known(connector, { id: 0, state: 'RUNNING', workerId: 'w', version: 'undefined', trace: '' })
        : Promise.reject(unknown(`${connector}-${String(task)}`)),
    restartConnector: (name) => noted(['restartConnector', name], undefined),
    restartTask: ({ connector, task }) => noted(['restartTask', connector, task], undefined),
    restart: (request) => noted(['restart', request.connector, request], sourceStatus),
    pauseConnector: (name) => noted(['pauseConnector', name], undefined),
    resumeConnector: (name) => noted(['resumeConnector', name], undefined),
    stopConnector: (name) => noted(['stopConnector', name], undefined),
    activeTopics: (name) => Promise.resolve(name === 'Source' ? ['A.t'] : []),
    resetActiveTopics: (name) => noted(['resetActiveTopics', name], undefined),
    connectorOffsets: (name) =>
      known(name, [
        { partition: { cluster: 'A', partition: 0n, topic: 't' }, offset: { offset: 9_007_199_254_740_993n } },
        { partition: { cluster: 'A', partition: 1n, topic: 't' }, offset: null }
      ]),
    alterOffsets: (name, offsets) => noted(['alterOffsets', name, offsets], 'altered'),
    resetOffsets: (name) => noted(['resetOffsets', name], 'reset'),
    plugins: () => [
      { className: 'x.SourceConnector', type: 'source', version: '4.3.1' },
      { className: 'x.BytesConverter', type: 'converter', version: 'undefined' }
    ],
    putClusterLoggerLevel: (logger, level) => {
      calls.push(['putClusterLoggerLevel', logger, level])
      return Promise.resolve()
    },
    ...overrides
  }
  return { herder, calls }
}
