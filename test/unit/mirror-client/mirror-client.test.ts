import { expect, it } from 'vitest'
import { MirrorClient } from '../../../src/mirror-client/mirror-client.ts'

it('a call after one that could not find out the brokers asks for them again', async () => {
  const answers = [() => Promise.reject(new Error('no registry')), () => Promise.resolve([])]
  const client = new MirrorClient({ brokers: () => answers.shift()?.() ?? [] })
  await expect(client.replicationPolicy()).rejects.toThrow('no registry')
  await expect(client.replicationPolicy()).rejects.toMatchObject({ code: 'MIRROR_CONFIG_INVALID' })
  await client.close()
})
