import { expect, it } from 'vitest'
import { deferred } from '../../../src/base/deferred.ts'
import { MirrorError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { LoggerLevels } from '../../../src/base/logger-levels.ts'
import { Findings } from '../../../src/config/findings.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { parsePropertiesFile } from '../../../src/config/properties-file.ts'
import { MirrorMaker } from '../../../src/driver/mirror-maker.ts'
import { resolveMirrorMakerConfig } from '../../../src/driver/mirror-maker-config.ts'
import { ProcessLoggerLevels } from '../../../src/driver/rest-logger-levels.ts'
import { MetricRegistry } from '../../../src/metrics/metric-registry.ts'
import { type RestRoute } from '../../../src/rest/rest-services.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const lines = [
  'clusters = A, B',
  'A.bootstrap.servers = a:9092',
  'B.bootstrap.servers = b:9092',
  'A->B.enabled = true',
  'B->A.emit.heartbeats.enabled = false',
  'task.shutdown.graceful.timeout.ms = 60000'
]

it('stops its routes while the REST server waits for the answers of their herders, and says how long that may take', async () => {
  const clock = new ManualClock()
  const findings = new Findings()
  const properties = parsePropertiesFile(Buffer.from(lines.join('\n')), findings)
  const { routes } = resolveMirrorMakerConfig(properties, { clusters: [], env: {} }, findings)
  const added: RestRoute[] = []
  const answered = deferred<undefined>()
  const mirrorMaker = new MirrorMaker(routes, {
    rest: {
      server: {
        advertisedUrl: undefined,
        publicUrls: [],
        listen: () => Promise.resolve(),
        addRoute: (route) => added.push(route),
        close: () => answered.promise
      },
      peers: { send: () => Promise.reject(new Error('nobody is there')) },
      loggerLevels: new ProcessLoggerLevels(new LoggerLevels('info'), clock)
    },
    openConnection: () => Promise.reject(new MirrorError('MIRROR_NETWORK', 'away', { retriable: true })),
    metrics: new MetricRegistry({ clock }),
    loader: new PluginLoader('.'),
    ...{ clock, random: () => 0.5, logger: silentLogger }
  })
  expect(mirrorMaker.longestStopMs).toBe(72_000)
  const started = mirrorMaker.start()
  await clock.advance(10)
  const request = added[0]?.herder.putClusterLoggerLevel('root', 'DEBUG').catch((error: unknown) => {
    answered.resolve(undefined)
    return error
  })
  const stopped = mirrorMaker.stop()
  for (let turn = 0; turn < 100; turn++) await clock.advance(10)
  expect(await request).toMatchObject({ code: 'MIRROR_CLOSED' })
  await stopped
  await started
})
