import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { PluginLoader } from '../../../../src/config/plugin-loader.ts'
import { PluginRegistry } from '../../../../src/connect/plugins/plugin-registry.ts'
import { type SourceConnectorPlugin } from '../../../../src/connect/source-connector-plugin.ts'
import { WorkerConnector } from '../../../../src/connect/worker/worker-connector.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const connectors = `
  const nothing = async () => {}
  export class Mine {
    createConnector(config, services) {
      return { start: nothing, taskConfigs: (max) => [{ connector: services.connector, color: config.color, max: String(max) }], stop: nothing }
    }
    async createTask(config) {
      return { start: nothing, poll: async () => [config.color], batchSettled() {}, commit: nothing, stop: nothing }
    }
    validate({ color }) { return color === 'grey' ? [{ key: 'color', message: 'grey is sad' }] : [] }
    checkOffset(partition) { return partition.color === 'grey' ? 'grey has no offsets' : undefined }
  }
  export class Loose { createConnector() { return undefined } createTask() { return { start: nothing, poll: nothing, stop: nothing } } }
  export class Half { createConnector() { return {} } }`

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connectors-'))
  writeFileSync(join(folder, 'connectors.mjs'), connectors)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function find(name: string): SourceConnectorPlugin {
  const plugin = new PluginRegistry([], '4.3.1', new PluginLoader(folder)).findConnector(name)
  if (plugin === undefined) throw new Error(`${name} is not found`)
  return plugin
}

const services = { connector: 'c', task: null, logger: silentLogger }
const connectorContext = { requestTaskReconfiguration: (): void => undefined, raiseError: (): void => undefined }
const taskContext = { storedOffsets: (): Promise<undefined[]> => Promise.resolve([]), isLeaseHeld: () => true }

test('a connector and a task of a module are made when they start', async () => {
  const plugin = find('./connectors.mjs#Mine')
  expect(plugin.taskClassName).toBe('./connectors.mjs#Mine')
  const connector = plugin.createConnector({ color: 'red' }, services)
  await connector.start(connectorContext)
  expect(connector.taskConfigs(3)).toEqual([{ connector: 'c', color: 'red', max: '3' }])
  const task = plugin.createTask({ color: 'blue' }, { ...services, task: 0 })
  await task.start(taskContext)
  expect(await task.poll()).toEqual(['blue'])
})

test('validation and altered offsets ask the class, which may leave both out', async () => {
  const mine = find('./connectors.mjs#Mine')
  expect(await mine.validate({ color: 'grey' })).toEqual([{ key: 'color', message: 'grey is sad' }])
  expect(await mine.checkOffset({ color: 'grey' }, null)).toBe('grey has no offsets')
  const loose = find('./connectors.mjs#Loose')
  expect([await loose.validate({ color: 'grey' }), await loose.checkOffset({}, null)]).toEqual([[], undefined])
})

test('a class that is not to be had is a problem of connector.class, and fails what starts', async () => {
  for (const [name, found] of [
    ['./nowhere.mjs#Mine', 'no such module'],
    ['./connectors.mjs#Half', 'class Half without the method createTask']
  ] as const) {
    const plugin = find(name)
    const message = expect.stringContaining(found) as string
    expect(await plugin.validate({})).toEqual([{ key: 'connector.class', message }])
    expect(await plugin.checkOffset({}, null)).toEqual(message)
    const failure = { code: 'MIRROR_PLUGIN', retriable: false, message }
    await expect(plugin.createConnector({}, services).start(connectorContext)).rejects.toMatchObject(failure)
    await expect(plugin.createTask({}, services).start(taskContext)).rejects.toMatchObject(failure)
  }
})

test('a worker without the module reports the connector as FAILED, and why', async () => {
  const reported: string[] = []
  const connector = new WorkerConnector({
    name: 'c',
    create: () => find('./nowhere.mjs#Mine').createConnector({}, services),
    onReconfigurationRequest: () => undefined,
    report: (state, error) => {
      reported.push(`${state} ${String(error)}`)
    },
    clock: new ManualClock(),
    logger: silentLogger
  })
  expect(await connector.transitionTo('STARTED')).toBe('FAILED')
  expect(reported).toEqual([expect.stringMatching(/^FAILED .*connector.class = .\/nowhere.mjs#Mine: .*no such module/)])
})

test('what a class makes must have the methods that are called', async () => {
  const plugin = find('./connectors.mjs#Loose')
  await expect(plugin.createConnector({}, services).start(connectorContext)).rejects.toThrow(
    'found createConnector making an object without start, taskConfigs, stop'
  )
  await expect(plugin.createTask({}, services).start(taskContext)).rejects.toThrow(
    'found createTask making an object without batchSettled, commit'
  )
})

test('names of Java classes mean no module, and without a loader there are none', () => {
  const loader = new PluginLoader(folder)
  expect(new PluginRegistry([], '4.3.1', loader).findConnector('org.example.MyConnector')).toBeUndefined()
  expect(new PluginRegistry([], '4.3.1').findConnector('./connectors.mjs#Mine')).toBeUndefined()
})
