/**
 * A consumer that goes on in the other cluster, exactly where its group has got to in the one that is gone.
 *
 *   node examples/fail-over.js b1:9092,b2:9092 A billing orders
 *
 * Arguments: brokers of the cluster to go on in, alias of the cluster that is gone (as in mm2.properties), consumer group,
 * and topic by its name there. The same for every member of the group; prints what it reads.
 */
import kafkajs from 'kafkajs'
import { MirrorClient } from 'connect-mirror-maker'

const [brokers = '', sourceAlias = '', groupId = '', topic = ''] = process.argv.slice(2)

// One config for both: security (ssl, sasl) goes in here as for kafkajs alone.
const config = { clientId: groupId, brokers: brokers.split(','), logLevel: kafkajs.logLevel.ERROR }
const kafka = new kafkajs.Kafka(config)

// 1. Where the group goes on, by its newest checkpoints. Nothing of the lost cluster is asked.
const client = new MirrorClient(config)
const policy = await client.replicationPolicy()
const remoteTopic = policy.formatRemoteTopic(sourceAlias, topic)
const translated = await client.remoteConsumerOffsets(groupId, sourceAlias, 30_000)
await client.close()

// 2. What the group has committed here already (a former fail-over, another member, or sync.group.offsets.enabled) must not be undone.
const admin = kafka.admin()
await admin.connect()
const committed = new Map()
for (const { partitions } of await admin.fetchOffsets({ groupId, topics: [remoteTopic] })) {
  for (const { partition, offset } of partitions) committed.set(partition, BigInt(offset))
}
await admin.disconnect()
const seeks = new Map()
for (const { topic: name, partition, offset, exact } of translated) {
  if (name !== remoteTopic || (committed.get(partition) ?? -1n) >= offset) continue
  seeks.set(partition, offset)
  console.error(`${name}-${partition} goes on at ${offset}${exact ? '' : ', possibly some records early'}`)
}

// 3. Seek when partitions are assigned, before the first fetch; once each, so that a later rebalance undoes nothing.
const consumer = kafka.consumer({ groupId })
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  for (const partition of payload.memberAssignment[remoteTopic] ?? []) {
    const offset = seeks.get(partition)
    if (offset !== undefined) consumer.seek({ topic: remoteTopic, partition, offset: String(offset) })
    seeks.delete(partition)
  }
})

await consumer.connect()
// A partition without a checkpoint: the group had not begun it, so it begins at the start.
await consumer.subscribe({ topic: remoteTopic, fromBeginning: true })
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    console.log(JSON.stringify({ partition, offset: message.offset, value: message.value?.toString() ?? null }))
  }
})

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void consumer.disconnect())
