import { expect, it } from 'vitest'
import { deferred } from '../../../src/base/deferred.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { type SourceConnector } from '../../../src/connect/source-connector.ts'
import { type SourceTask } from '../../../src/connect/source-task.ts'
import { loadedConnector, loadedTask } from '../../../src/mirror/loaded-part.ts'
import { MirrorPlugins } from '../../../src/mirror/mirror-plugins.ts'

/** A part that notes what is asked of it, and plug-ins whose admin notes that it is closed. */
async function setUp() {
  const log: string[] = []
  const note = (what: string) => (): Promise<void> => {
    log.push(what)
    return Promise.resolve()
  }
  const plugins = new MirrorPlugins(new Map(), { loader: new PluginLoader('.'), logger: silentLogger })
  const unused = (): Promise<boolean> => Promise.resolve(false)
  await plugins.forwardingAdmin({ createTopic: unused, createPartitions: unused, close: note('plug-ins closed') })
  const connector: SourceConnector = {
    start: note('start'),
    taskConfigs: () => [{ number: '1' }],
    stop: note('stop')
  }
  const task: SourceTask = {
    start: note('start'),
    poll: () => Promise.resolve([]),
    batchSettled: () => undefined,
    commit: note('commit'),
    stop: note('stop')
  }
  return { log, plugins, connector, task }
}

const context = {
  requestTaskReconfiguration: () => undefined,
  raiseError: () => undefined,
  storedOffsets: () => Promise.resolve([]),
  isLeaseHeld: () => true
}

it('makes a connector when it starts, and closes it before its plug-ins', async () => {
  const { log, plugins, connector } = await setUp()
  const loaded = loadedConnector(plugins, () => Promise.resolve(connector))
  expect(loaded.taskConfigs(1)).toEqual([])
  await loaded.start(context)
  expect(loaded.taskConfigs(1)).toEqual([{ number: '1' }])
  await loaded.stop()
  expect(log).toEqual(['start', 'stop', 'plug-ins closed'])
})

it('closes what comes out of a load that was stopped meanwhile, and does not start it', async () => {
  const { log, plugins, task } = await setUp()
  const { promise, resolve } = deferred<SourceTask>()
  const loaded = loadedTask(plugins, () => promise)
  const starting = loaded.start(context)
  await loaded.stop()
  expect(log).toEqual([])
  resolve(task)
  await starting
  expect(log).toEqual(['stop', 'plug-ins closed'])
  expect(await loaded.poll()).toEqual([])
})

it('fails its start with what the load fails with, closes the plug-ins once, and can be stopped', async () => {
  const { log, plugins } = await setUp()
  const loaded = loadedTask(plugins, () => Promise.reject(new Error('no such class')))
  await expect(loaded.start(context)).rejects.toThrow('no such class')
  await loaded.stop()
  expect(log).toEqual(['plug-ins closed'])
})
