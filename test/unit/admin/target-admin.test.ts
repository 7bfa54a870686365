import { expect, it } from 'vitest'
import { type ForwardingAdmin } from '../../../src/admin/forwarding-admin.ts'
import { createTargetAdmin } from '../../../src/admin/target-admin.ts'
import { type Cluster } from '../../../src/client/cluster.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'

const topics: ForwardingAdmin = {
  createTopic: () => Promise.resolve(true),
  createPartitions: () => Promise.resolve(true),
  close: () => Promise.resolve()
}

/** Answers every request that alters settings with these codes. */
function adminOf(codes: Record<string, number>) {
  const resources = Object.entries(codes).map(([name, errorCode]) => ({ errorCode, errorMessage: null, type: 2, name }))
  const cluster = { alias: 'B', request: () => Promise.resolve({ throttleTimeMs: 0, resources }) }
  return createTargetAdmin(topics, cluster as unknown as Cluster)
}

const change = (topic: string) => ({ topic, name: 'retention.ms', value: '1' })

it('tells refusals by topic, and a topic that is missing in the answer', async () => {
  const refusals = await adminOf({ a: 0, b: brokerErrors.INVALID_CONFIG }).alterTopicConfigs(
    ['a', 'b', 'c'].map(change)
  )
  expect(refusals).toMatchObject([
    { topic: 'b', error: { brokerCode: brokerErrors.INVALID_CONFIG } },
    { topic: 'c', error: { code: 'MIRROR_BROKER' } }
  ])
})

it('throws where the controller cannot alter single settings, though the broker that was asked can', async () => {
  const admin = adminOf({ a: brokerErrors.UNSUPPORTED_VERSION })
  await expect(admin.alterTopicConfigs([change('a')])).rejects.toMatchObject({ code: 'MIRROR_UNSUPPORTED_VERSION' })
})
