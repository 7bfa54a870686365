import { type Checkpoint } from './checkpoint.ts'
import { type RemoteOffset } from './remote-offsets.ts'
import { type RemoteOffsetMap } from './remote-offset-map.ts'

/**
 * The position of a checkpoint, made exact by the offset map where that covers it: a checkpoint of a Java mirror, or one that was
 * made before the map had come that far, may lie behind.
 */
export function remoteOffset(checkpoint: Checkpoint, map: RemoteOffsetMap | undefined): RemoteOffset {
  const { topic, partition, upstreamOffset, downstreamOffset, metadata } = checkpoint
  const offset = map === undefined ? undefined : exactOffset(checkpoint, map)
  return {
    topic,
    partition,
    offset: offset ?? downstreamOffset,
    metadata,
    exact: offset !== undefined,
    upstreamOffset
  }
}

function exactOffset(checkpoint: Checkpoint, map: RemoteOffsetMap): bigint | undefined {
  const { topic, partition, upstreamOffset, downstreamOffset } = checkpoint
  const source = map.sourceTopic(topic)
  const mapped = source === undefined ? undefined : map.translateOffset(source, partition, upstreamOffset)
  if (mapped?.exact !== true) return undefined
  if (mapped.offset === downstreamOffset) return downstreamOffset
  if (mapped.offset < downstreamOffset) return isAhead(checkpoint, map) ? mapped.offset : undefined
  // The source topic may have been deleted and created again since the checkpoint, and the map speak of the new one, of which the
  // group has read nothing. Then what lies right before the checkpoint is no record of the new one.
  const isOfThisTopic = map.translateOffsetBack(topic, partition, downstreamOffset - 1n) !== undefined
  return isOfThisTopic ? mapped.offset : undefined
}

/** The target lost its end since the checkpoint, and has records at that position now that the group has not read. */
function isAhead({ topic, partition, upstreamOffset, downstreamOffset }: Checkpoint, map: RemoteOffsetMap): boolean {
  const source = map.translateOffsetBack(topic, partition, downstreamOffset)
  return source?.exact === true && source.offset > upstreamOffset
}
