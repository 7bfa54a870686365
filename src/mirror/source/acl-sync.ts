import { type TargetAdmin, type TopicAcl, type TopicRefusal } from '../../admin/forwarding-admin.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { aclOperation, aclPermission } from '../../wire/api/29-describe-acls.ts'
import { BrokerError, brokerErrors } from '../../wire/error-codes.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { adviceFor, isUnauthorised } from './needed-acl.ts'
import { type TopicSelection } from './topic-selection.ts'

export type DescribeAcls = () => Promise<readonly TopicAcl[]>

export interface AclSyncOptions {
  readonly settings: Pick<MirrorSourceSettings, 'sourceAlias' | 'targetAlias'>
  readonly policy: Pick<ReplicationPolicy, 'formatRemoteTopic'>
  readonly selection: Pick<TopicSelection, 'isMirrored'>
  /** Entries about literal topic names. */
  readonly describeSourceAcls: DescribeAcls
  readonly describeTargetAcls: DescribeAcls
  readonly targetAdmin: Pick<TargetAdmin, 'createAcls'>
  /** Whether source or target is away, which its client has told. */
  readonly isAway: () => boolean
  readonly logger: Logger
}

/** In an ACL a literal name too, of any topic whatever. */
const anyTopic = '*'

/** Copies access control of mirrored topics (spec 6.7). Never deletes any; only what is missing on the target is created. */
export class AclSync {
  readonly #options: AclSyncOptions
  /** By operation and alias. */
  readonly #failuresByCluster = new LastingFailures()
  readonly #failuresByTopic = new LastingFailures()
  readonly #namedAsUnsecured = new Set<string>()
  #namedAnyTopic = false

  constructor(options: AclSyncOptions) {
    this.#options = options
  }

  /** @throws MirrorError, a retriable one, where a cluster does not answer; what it refuses is reported */
  async run(): Promise<void> {
    const { settings, describeSourceAcls, describeTargetAcls } = this.#options
    const onSource = await this.#describe(describeSourceAcls, settings.sourceAlias)
    if (onSource === undefined) return
    const wanted = this.#wanted(onSource)
    if (wanted.size === 0) return
    const onTarget = await this.#describe(describeTargetAcls, settings.targetAlias)
    if (onTarget === undefined) return
    for (const acl of onTarget) wanted.delete(keyOf(acl))
    if (wanted.size > 0) await this.#create([...wanted.values()])
  }

  /** Undefined when the cluster has no authorizer or does not tell. */
  async #describe(describe: DescribeAcls, alias: string): Promise<readonly TopicAcl[] | undefined> {
    try {
      const acls = await describe()
      this.#failuresByCluster.ended(`DESCRIBE ${alias}`)
      this.#namedAsUnsecured.delete(alias)
      return acls
    } catch (thrown) {
      const error = asError(thrown)
      if (error instanceof BrokerError && error.brokerCode === brokerErrors.SECURITY_DISABLED)
        this.#nameUnsecured(alias)
      else this.#reportOfCluster(alias, error, 'DESCRIBE')
      return undefined
    }
  }

  /** The entries that the target is to have, by `keyOf`: several of the source may come to the same. */
  #wanted(onSource: readonly TopicAcl[]): Map<string, TopicAcl> {
    const { selection, policy, settings } = this.#options
    const wanted = new Map<string, TopicAcl>()
    for (const acl of onSource) {
      const isAllowed = acl.permission === aclPermission.allow
      // Nobody but the mirror is to write to remote topics.
      if ((isAllowed && acl.operation === aclOperation.write) || !selection.isMirrored(acl.topic)) continue
      const topic = policy.formatRemoteTopic(settings.sourceAlias, acl.topic)
      if (acl.topic === anyTopic || topic === anyTopic) {
        this.#nameAnyTopic()
        continue
      }
      const operation = isAllowed && acl.operation === aclOperation.all ? aclOperation.read : acl.operation
      const remote = { ...acl, topic, operation }
      wanted.set(keyOf(remote), remote)
    }
    return wanted
  }

  async #create(acls: readonly TopicAcl[]): Promise<void> {
    const { targetAdmin, logger, settings } = this.#options
    const { targetAlias } = settings
    try {
      const refusals = await targetAdmin.createAcls(acls)
      for (const refusal of refusals) this.#reportRefusal(refusal)
      const refused = new Set(refusals.map(({ topic }) => topic))
      const created = acls.filter(({ topic }) => !refused.has(topic))
      for (const { topic } of created) this.#failuresByTopic.ended(topic)
      if (created.length === 0) return
      this.#failuresByCluster.ended(`ALTER ${targetAlias}`)
      logger.info({ acls: created }, `Created ${created.length} ACLs of remote topics`)
    } catch (thrown) {
      this.#reportOfCluster(targetAlias, asError(thrown), 'ALTER')
    }
  }

  #reportRefusal({ topic, error }: TopicRefusal): void {
    const { settings, logger } = this.#options
    const { targetAlias } = settings
    // A right on the whole cluster: what one entry lacks they all lack.
    if (isUnauthorised(error)) this.#reportOfCluster(targetAlias, error, 'ALTER')
    else if (this.#failuresByTopic.isNew(topic, error)) {
      logger.warn(
        { topic, err: error },
        `ACLs of topic ${topic} cannot be created on ${targetAlias}: ${error.message}. Those of other topics are`
      )
    }
  }

  /** @throws the error again where it passes by itself: then it is tried again before the interval is over */
  #reportOfCluster(alias: string, error: Error, operation: string): void {
    const isPassing = error instanceof MirrorError && (error.retriable || error.code === 'MIRROR_CLOSED')
    if (isPassing || this.#options.isAway()) throw error
    if (!this.#failuresByCluster.isNew(`${operation} ${alias}`, error)) return
    const { settings, logger } = this.#options
    const otherwise = 'Set sync.topic.acls.enabled = false if they are not to be copied'
    const advice = adviceFor(error, `${operation} on the cluster ${alias}`, otherwise)
    logger.warn(
      { cluster: alias, err: error },
      `The ACLs of ${settings.sourceAlias}->${settings.targetAlias} cannot be copied: ${error.message}. ${advice}`
    )
  }

  #nameUnsecured(alias: string): void {
    const isFirst = !this.#namedAsUnsecured.has(alias)
    this.#namedAsUnsecured.add(alias)
    const message = `${alias} has no authorizer, so no ACLs are copied; sync.topic.acls.enabled = false spares the question`
    if (isFirst) this.#options.logger.info({ cluster: alias }, message)
    else this.#options.logger.debug({ cluster: alias }, message)
  }

  /** Under its remote name such an entry would mean nothing, and under its own name every topic of the target. */
  #nameAnyTopic(): void {
    if (this.#namedAnyTopic) return
    this.#namedAnyTopic = true
    const { settings, logger } = this.#options
    const { sourceAlias, targetAlias } = settings
    logger.warn(
      {},
      `ACLs of ${sourceAlias} on any topic (the literal name *) are not copied: ${targetAlias} has topics of its own. ` +
        `Where remote topics need them, create them on ${targetAlias} by hand, for a prefix`
    )
  }
}

function keyOf({ topic, principal, host, operation, permission }: TopicAcl): string {
  return [topic, principal, host, operation, permission].join('\0')
}
