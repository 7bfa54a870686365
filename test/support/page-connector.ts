/** The connector of docs/plugins.md, put by REST into the program as it is packaged. */
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { type MirroredPair } from './mirrored-pair.ts'
import { type RestWorker } from './rest-worker.ts'
import { waitUntil } from './wait-until.ts'

/** Refused without its topic; then it runs, its records arrive, its positions are stored, and it goes. */
export async function runsPageConnector(api: RestWorker, pair: MirroredPair): Promise<void> {
  const patient = { timeoutMs: 90_000, intervalMs: 100 }
  const [, ticker = ''] = /^```js\n\/\/ ticker\.js\n(.*?)^```/ms.exec(await readFile('docs/plugins.md', 'utf8')) ?? []
  const library = new URL('../../dist/index.js', import.meta.url).href
  const module = ticker.replace("from 'connect-mirror-maker'", `from '${library}'`)
  await writeFile(join(dirname(api.mirror.logFile), 'ticker.mjs'), module)

  const params = { connector: 'ticks' }
  const config = { 'connector.class': './ticker.mjs#Ticker', 'interval.ms': '20', 'tasks.max': '1' }
  await api.answers('putConnectorConfig', 400, { params, body: config })
  const creation = { 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' }
  const body = { ...config, topic: 'ticks', ...creation }
  const created = await api.answers('putConnectorConfig', 201, { params, body })
  expect(created.headers.has('warning')).toBe(false)
  await api.runs('ticks', 'RUNNING', 1)
  await pair.arrived('ticks', 3, patient)
  const isStored = async (): Promise<boolean> => {
    const { body: offsets } = await api.answers('getConnectorOffsets', 200, { params })
    return offsets.includes('"ticker":"main"')
  }
  await waitUntil('its position is stored', isStored, patient)
  await api.answers('deleteConnector', 204, { params })
}
