import { mostHops, type ReplicationPolicy } from './replication-policy.ts'

type Naming = Pick<ReplicationPolicy, 'topicSource' | 'upstreamTopic'>

/** The clusters that a topic came through, the last one first; ends where one comes up again. */
export function upstreamChain(policy: Naming, topic: string): string[] {
  const aliases: string[] = []
  let current: string | null = topic
  while (current !== null && aliases.length < mostHops) {
    const source = policy.topicSource(current)
    if (source === null || aliases.includes(source)) break
    aliases.push(source)
    current = policy.upstreamTopic(current)
  }
  return aliases
}

/** Hops between a cluster and the topic; -1 when it did not come from there. */
export function hopsFrom(policy: Naming, topic: string, alias: string): number {
  const at = upstreamChain(policy, topic).indexOf(alias)
  return at === -1 ? -1 : at + 1
}
