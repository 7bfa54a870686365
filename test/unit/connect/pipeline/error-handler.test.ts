import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { type RecordPluginLoader } from '../../../../src/connect/pipeline/create-batch-pipeline.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'
import {
  batchOf,
  Counts,
  custom,
  loaderOf,
  partition,
  pipelineOf,
  plain,
  type TestBatch,
  texts,
  time
} from '../../../support/pipeline-toys.ts'

describe('an error of a transform', () => {
  const failing = (isRetriable: boolean, times = Infinity): RecordPluginLoader => {
    let left = times
    return loaderOf((record) => {
      if (!Buffer.isBuffer(record.value) || record.value.toString() !== 'bad' || left === 0) return record
      left -= 1
      throw Object.assign(new Error('no luck'), { retriable: isRetriable })
    })
  }
  const badBatch = async (): Promise<TestBatch> => await batchOf([plain('a'), plain('bad'), plain('b')])

  it('fails the task, once what came before is delivered; nothing is kept', async () => {
    const observer = new Counts()
    const pipeline = await pipelineOf(custom(), { loader: failing(false), observer })
    const [good, bad, later] = [await batchOf([plain('a')]), await badBatch(), await batchOf([plain('c')])]
    expect(await pipeline.apply([good, bad, later])).toEqual([good])
    expect([good.releases, bad.releases, later.releases]).toEqual([0, 1, 1])
    const next = await batchOf([plain('d')])
    const failure = expect(pipeline.apply([next])).rejects
    await failure.toMatchObject({ code: 'MIRROR_CONVERSION' })
    await expect(pipeline.apply([])).rejects.toThrow(
      /TRANSFORMATION by \.\/c\.js failed on the record of .*"orders".* at offset 101/
    )
    expect(next.releases).toBe(1)
    expect(observer).toMatchObject({ failures: 1, errors: 1, skips: 0, retries: 0, logs: 0 })
  })

  it('skips the record when all are tolerated, and logs it when that is asked for', async () => {
    const observer = new Counts()
    const config = custom({ 'errors.tolerance': 'all', 'errors.log.enable': 'true' })
    const [out] = await (await pipelineOf(config, { loader: failing(false), observer })).apply([await badBatch()])
    expect(await texts(out)).toEqual(['a', 'b'])
    expect(observer).toMatchObject({ failures: 1, errors: 1, skips: 1, retries: 0, logs: 1 })
  })

  it('is logged with what is in the record only when that is asked for', async () => {
    const logged = async (extra: ConnectorConfig): Promise<object[]> => {
      const fields: object[] = []
      const logger = { ...silentLogger, error: (each: object) => fields.push(each) }
      const config = custom({ 'errors.tolerance': 'all', 'errors.log.enable': 'true', ...extra })
      await (await pipelineOf(config, { loader: failing(false), logger })).apply([await badBatch()])
      return fields
    }
    const place = { task: 'MirrorSourceConnector-0', stage: 'TRANSFORMATION', class: './c.js' }
    const err = expect.objectContaining({ message: 'no luck' }) as Error
    expect(await logged({})).toEqual([{ ...place, err }])
    const record = { sourcePartition: partition.fields, sourceOffset: '101', timestamp: String(time), headers: [] }
    const [keyBase64, valueBase64] = ['k', 'bad'].map((text) => Buffer.from(text).toString('base64'))
    expect(await logged({ 'errors.log.include.messages': 'true' })).toEqual([
      { ...place, err, record: { ...record, keyBase64, valueBase64 } }
    ])
  })

  it('that is retriable is counted twice when there is no time to retry, and then the tolerance decides', async () => {
    const observer = new Counts()
    const pipeline = await pipelineOf(custom(), { loader: failing(true), observer })
    await expect(pipeline.apply([await badBatch()])).rejects.toThrow('no luck')
    expect(observer).toMatchObject({ failures: 2, errors: 1, skips: 0, retries: 0 })
  })

  it('is tried again after 300 ms, then after twice that, until it works', async () => {
    const [observer, clock] = [new Counts(), new ManualClock()]
    const config = custom({ 'errors.retry.timeout': '10000' })
    const pipeline = await pipelineOf(config, { loader: failing(true, 3), observer, clock })
    const applied = pipeline.apply([await badBatch()])
    await clock.advance(299)
    expect(observer.retries).toBe(0)
    await clock.advance(1)
    expect(observer.retries).toBe(1)
    await clock.advance(600)
    await clock.advance(1200)
    expect(await texts((await applied)[0])).toEqual(['a', 'bad', 'b'])
    expect(observer).toMatchObject({ failures: 3, errors: 0, skips: 0, retries: 3 })
  })

  it('waits no longer than the deadline, and a random time once the delay would exceed its maximum', async () => {
    const [observer, clock] = [new Counts(), new ManualClock()]
    const config = custom({
      'errors.retry.timeout': '1000',
      'errors.retry.delay.max.ms': '400',
      'errors.tolerance': 'all'
    })
    const applied = (await pipelineOf(config, { loader: failing(true), observer, clock })).apply([await badBatch()])
    // 300, then half of 400 each time: 500, 700, 900, and the rest up to 1000.
    await clock.advance(1000)
    expect(await texts((await applied)[0])).toEqual(['a', 'b'])
    expect(observer).toMatchObject({ failures: 7, errors: 1, skips: 1, retries: 5 })
  })

  it('loses no record when the task stops during a wait', async () => {
    const [stopping, clock] = [new AbortController(), new ManualClock()]
    const config = custom({ 'errors.retry.timeout': '-1', 'errors.tolerance': 'all' })
    const pipeline = await pipelineOf(config, { loader: failing(true), clock, stopping: stopping.signal })
    const batch = await badBatch()
    const applied = pipeline.apply([batch])
    await settle()
    stopping.abort()
    await expect(applied).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    expect(batch.releases).toBe(1)
  })
})
