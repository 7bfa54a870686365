/** The checkpoints topic of a route as it stands, whichever program wrote it. */
import { type Checkpoint, decodeCheckpoint } from '../src/mirror-client/checkpoint.ts'
import { type KafkaAddress, readTopic } from './local-kafka/topic-records.ts'

/** The last of each group and target partition. @throws where the target has no such topic yet */
export async function newestCheckpoints(target: KafkaAddress, sourceAlias: string): Promise<Checkpoint[]> {
  const newest = new Map<string, Checkpoint>()
  for (const { key, value } of await readTopic(target, `${sourceAlias}.checkpoints.internal`)) {
    if (key !== null && value !== null) newest.set(key.toString('latin1'), decodeCheckpoint(key, value))
  }
  return [...newest.values()]
}
