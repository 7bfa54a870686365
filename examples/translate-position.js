/**
 * Translates a position that an application keeps itself (an outbox table, a savepoint of a stream processor) to the cluster that
 * it goes on in. Needs no checkpoint and no consumer group, only the offset map that the mirror keeps.
 *
 *   node examples/translate-position.js b1:9092,b2:9092 A orders 0 123456
 *
 * Arguments: brokers of the cluster to go on in, alias of the source, and at the source topic, partition and the offset of the
 * next record to read. Prints the same for this cluster; exits with 1 where the position is not known here.
 */
import { MirrorClient } from 'connect-mirror-maker'

const [brokers = '', sourceAlias = '', topic = '', partition = '', offset = ''] = process.argv.slice(2)

const client = new MirrorClient({ brokers: brokers.split(',') })
try {
  // Read once, asked for any number of positions.
  const map = await client.offsetMap(sourceAlias, 30_000)
  const here = map.translateOffset(topic, Number(partition), BigInt(offset))
  if (here === undefined) {
    console.error('The offset map does not cover this position: it was mirrored before there was one, or not at all')
    process.exitCode = 1
  } else {
    console.log(JSON.stringify({ ...here, offset: String(here.offset) }))
    // Behind the end of what is mirrored a position is not exact: what was in between is lost with the source, or still to come.
    if (!here.exact)
      console.error('Not exact: all records from there on are those that were not read, and possibly some before')
  }
} finally {
  await client.close()
}
