import { expect, it } from 'vitest'
import { CleanUp } from '../../../../dev/demo/clean-up.ts'
import { unlessStopped } from '../../../../dev/demo/stopping.ts'

it('undoes in reverse order, once, and goes on after a failure', async () => {
  const lines: string[] = []
  const cleanUp = new CleanUp((line) => lines.push(line))
  cleanUp.add('removed a', async () => {
    await Promise.resolve()
  })
  cleanUp.add('removed b', async () => {
    await Promise.reject(new Error('busy'))
  })
  cleanUp.add(undefined, async () => {
    await Promise.resolve()
  })
  expect(await Promise.all([cleanUp.run(), cleanUp.run()])).toEqual([false, false])
  expect(lines).toEqual(['not removed b: busy', 'removed a'])
})

it('gives up waiting at the abort, and before it begins', async () => {
  const stop = new AbortController()
  const waiting = unlessStopped(new Promise(() => undefined), stop.signal)
  stop.abort(new Error('SIGINT'))
  await expect(waiting).rejects.toThrow('SIGINT')
  await expect(unlessStopped(Promise.reject(new Error('late')), stop.signal)).rejects.toThrow('SIGINT')
})
