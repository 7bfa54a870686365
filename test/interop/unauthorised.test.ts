/** One thing after the other is forbidden: whatever does not need it goes on, and one warning names it. */
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { commitPositions, committedPositions } from '../../dev/group-positions.ts'
import { type LocalMirror, type LogLine } from '../../dev/local-mirror.ts'
import { newestCheckpoints } from '../../dev/newest-checkpoints.ts'
import { allowAll, type Permission, deny, guarded, loginAs, undeny } from '../support/access-control.ts'
import { lasts } from '../support/fault-run.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const patience = { timeoutMs: 60_000, intervalMs: 200 }
const records = 200
const position = 150n
const topics = ['free', 'closed'] as const
const groups = ['free-group', 'closed-group'] as const
let pair: MirroredPair

beforeAll(async () => {
  pair = await startPair(guarded, guarded)
  await allowAll(pair.source)
  await allowAll(pair.target)
  for (const topic of topics) {
    await pair.sourceAdmin.createTopic(topic)
    await produceRecords(pair.source, topic, plainRecords(records))
  }
  for (const group of groups) {
    await commitPositions(
      pair.source,
      group,
      topics.map((topic) => ({ topic, partition: 0, offset: position }))
    )
  }
}, clusterTimeoutMs)

interface Forbidden {
  readonly what: string
  readonly at: 'source' | 'target'
  readonly denied: (aliases: readonly [string, string]) => Permission
  /** What the one warning says. */
  readonly says: (aliases: readonly [string, string]) => RegExp
  /** What does not happen; everything else does. */
  readonly without: readonly Feature[]
}

type Feature = `${(typeof topics)[number]} records` | `${(typeof groups)[number]} ${'checkpoints' | 'exact' | 'synced'}`

const allFeatures = [
  ...topics.map((topic) => `${topic} records` as const),
  ...groups.flatMap((group) => (['checkpoints', 'exact', 'synced'] as const).map((what) => `${group} ${what}` as const))
]

const settings = {
  topics: topics.join(),
  groups: groups.join(),
  'emit.checkpoints.interval.seconds': '1',
  'refresh.groups.interval.seconds': '1',
  'sync.group.offsets.enabled': 'true',
  'sync.group.offsets.interval.seconds': '1',
  'sync.topic.configs.interval.seconds': '1',
  'sync.topic.acls.interval.seconds': '1'
}

const literally = (text: string): RegExp => new RegExp(text.replaceAll('.', String.raw`\.`))

const cases: readonly Forbidden[] = [
  {
    what: 'reading a source topic',
    at: 'source',
    denied: () => ({ kind: 'topic', name: 'closed', operation: 'READ' }),
    says: () => /closed/,
    without: ['closed records']
  },
  {
    what: 'creating a remote topic',
    at: 'target',
    denied: ([from]) => ({ kind: 'topic', name: `${from}.closed`, operation: 'CREATE' }),
    says: ([from]) => literally(`${from}.closed`),
    without: ['closed records']
  },
  {
    what: 'writing a remote topic',
    at: 'target',
    denied: ([from]) => ({ kind: 'topic', name: `${from}.closed`, operation: 'WRITE' }),
    says: ([from]) => literally(`${from}.closed`),
    without: ['closed records']
  },
  {
    what: 'reading the settings of a source topic',
    at: 'source',
    denied: () => ({ kind: 'topic', name: 'closed', operation: 'DESCRIBE_CONFIGS' }),
    says: () => /closed/,
    // With which settings it would have to be created, is not known.
    without: ['closed records']
  },
  {
    what: 'reading ACLs at the source',
    at: 'source',
    denied: () => ({ kind: 'cluster', name: 'kafka-cluster', operation: 'DESCRIBE' }),
    says: () => /ACL/,
    without: []
  },
  {
    what: 'describing a group at the source',
    at: 'source',
    denied: () => ({ kind: 'group', name: 'closed-group', operation: 'DESCRIBE' }),
    says: () => /closed-group/,
    without: ['closed-group checkpoints', 'closed-group exact', 'closed-group synced']
  },
  {
    what: 'committing for a group at the target',
    at: 'target',
    denied: () => ({ kind: 'group', name: 'closed-group', operation: 'READ' }),
    says: () => /closed-group/,
    without: ['closed-group synced']
  },
  {
    what: 'writing the offset-syncs topic',
    at: 'source',
    denied: ([, to]) => ({ kind: 'topic', name: `mm2-offset-syncs.${to}.internal`, operation: 'WRITE' }),
    says: ([, to]) => literally(`mm2-offset-syncs.${to}.internal`),
    without: []
  },
  {
    what: 'the offset map',
    at: 'target',
    denied: ([from]) => ({ kind: 'topic', name: `mm2-offset-map.${from}.internal`, operation: 'ALL' }),
    says: ([from]) => literally(`mm2-offset-map.${from}.internal`),
    without: ['free-group exact', 'closed-group exact']
  },
  {
    what: 'writing the checkpoints topic',
    at: 'target',
    denied: ([from]) => ({ kind: 'topic', name: `${from}.checkpoints.internal`, operation: 'WRITE' }),
    says: ([from]) => literally(`${from}.checkpoints.internal`),
    // Group sync needs no checkpoint topic.
    without: allFeatures.filter((feature) => /checkpoints|exact/.test(feature))
  },
  {
    what: 'writing heartbeats',
    at: 'target',
    denied: () => ({ kind: 'topic', name: 'heartbeats', operation: 'WRITE' }),
    says: () => /heartbeats/,
    without: []
  }
]

/** Of what there is to see at the target. */
async function features(from: string): Promise<Feature[]> {
  const seen: Feature[] = []
  for (const topic of topics) {
    const count = await pair.targetAdmin.offsetCount(`${from}.${topic}`)
    if (count === records) seen.push(`${topic} records`)
  }
  const checkpoints = await newestCheckpoints(pair.target, from).catch(() => [])
  for (const group of groups) {
    const own = checkpoints.filter((one) => one.consumerGroupId === group && one.topic === `${from}.free`)
    if (own.length > 0) seen.push(`${group} checkpoints`)
    if (own.some(({ downstreamOffset }) => downstreamOffset === position)) seen.push(`${group} exact`)
    const positions = await committedPositions(pair.target, group)
    if (positions.some(({ topic }) => topic === `${from}.free`)) seen.push(`${group} synced`)
  }
  return seen
}

const numbered = cases.map((forbidden, index) => ({ ...forbidden, aliases: [`a${index}`, `b${index}`] as const }))

test.each(numbered)(
  'without $what the rest goes on, and one warning says so',
  async ({ at, denied, says, without, aliases }) => {
    const [from, to] = aliases
    const denial = denied(aliases)
    await deny(pair[at], denial)
    onTestFinished(() => undeny(pair[at], denial))
    const properties = {
      ...loginAs(from),
      ...loginAs(to),
      ...settings,
      [`${from}->${to}.emit.heartbeats.enabled`]: 'true'
    }
    const [source, target] = [pair.source, pair.target].map((cluster) => ({
      bootstrapServers: cluster.bootstrapFor('SASL_PLAINTEXT')
    }))
    if (source === undefined || target === undefined) throw new Error('unreachable')
    const mirror = await startMirror(source, target, properties, { aliases })
    onTestFinished(async () => {
      await mirror.kill()
    })
    const expected = allFeatures.filter((feature) => !without.includes(feature)).sort()
    await waitUntil(
      'what is allowed happens',
      async () => {
        const seen = await features(from)
        const missing = expected.filter((feature) => !seen.includes(feature))
        if (missing.length > 0) throw new Error(`missing: ${missing.join()}; ${await warningsOf(mirror)}`)
        return true
      },
      patience
    )
    // Until the last of those that are tried slowly has failed once, and most have been tried again.
    await lasts(4_000)
    const warnings = await complaints(mirror)
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect((await features(from)).sort()).toEqual(expected)
    expect(warnings.map(wholeText)).toEqual([expect.stringMatching(says(aliases))])
  },
  120_000
)

async function warningsOf(mirror: LocalMirror): Promise<string> {
  return (await complaints(mirror)).map(wholeText).join('\n')
}

function wholeText({ msg, ...fields }: LogLine): string {
  return `${msg} ${JSON.stringify(fields)}`
}
