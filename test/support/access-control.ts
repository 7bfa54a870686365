/** Clusters that ask who is there: an authorizer, a user who has to log in, and what is granted and denied. */
import kafkajs, { type AclEntry } from 'kafkajs'
import { type LocalCluster, type LocalClusterOptions } from '../../dev/local-kafka/local-cluster.ts'
import { withAdmin } from './fault-run.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const mirrorUser = { name: 'mirror', password: 'secret' }

/** Tests themselves come by PLAINTEXT, and may do everything. */
export const guarded: LocalClusterOptions = {
  listeners: [{ protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] }],
  users: [mirrorUser],
  settings: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS'
  }
}

/** How the mirror logs in at the cluster of this alias. */
export function loginAs(alias: string, { name, password } = mirrorUser): Record<string, string> {
  const module = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  return {
    [`${alias}.security.protocol`]: 'SASL_PLAINTEXT',
    [`${alias}.sasl.mechanism`]: 'SCRAM-SHA-512',
    [`${alias}.sasl.jaas.config`]: `${module} required username="${name}" password="${password}";`
  }
}

export interface Permission {
  readonly kind: 'topic' | 'group' | 'cluster'
  readonly name: string
  readonly operation: keyof typeof AclOperationTypes
}

/** Everything, but for what is denied later. Topics are created by the right on each, not by that on the cluster. */
export async function allowAll(cluster: LocalCluster, user = mirrorUser.name): Promise<void> {
  const granted: Permission[] = [
    { kind: 'topic', name: '*', operation: 'ALL' },
    { kind: 'group', name: '*', operation: 'ALL' },
    ...(['DESCRIBE', 'ALTER', 'IDEMPOTENT_WRITE'] as const).map(
      (operation) => ({ kind: 'cluster', name: clusterName, operation }) as const
    )
  ]
  for (const one of granted) await allow(cluster, one, user)
}

export async function deny(cluster: LocalCluster, denied: Permission, user = mirrorUser.name): Promise<void> {
  await createAcls(cluster, [{ ...entry(denied, user), permissionType: AclPermissionTypes.DENY }])
}

export async function undeny(cluster: LocalCluster, denied: Permission, user = mirrorUser.name): Promise<void> {
  await deleteAcls(cluster, { ...entry(denied, user), permissionType: AclPermissionTypes.DENY })
}

export async function allow(cluster: LocalCluster, granted: Permission, user: string): Promise<void> {
  await createAcls(cluster, [{ ...entry(granted, user), permissionType: AclPermissionTypes.ALLOW }])
}

/** Takes back what `allow` granted. */
export async function disallow(cluster: LocalCluster, granted: Permission, user: string): Promise<void> {
  await deleteAcls(cluster, { ...entry(granted, user), permissionType: AclPermissionTypes.ALLOW })
}

async function deleteAcls(cluster: LocalCluster, filter: AclEntry): Promise<void> {
  await withAdmin(cluster, (admin) => admin.deleteAcls({ filters: [filter] }))
}

/** Literal ACLs of a topic: principal and operation, as `User:a READ`. */
export async function aclsOf(cluster: LocalCluster, topic: string): Promise<string[]> {
  const { resources } = await withAdmin(cluster, (admin) =>
    admin.describeAcls({
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY
    })
  )
  const names = new Map(Object.entries(AclOperationTypes).map(([name, value]) => [value, name]))
  return resources
    .flatMap(({ acls }) => acls.map(({ principal, operation }) => `${principal} ${String(names.get(operation))}`))
    .sort()
}

const clusterName = 'kafka-cluster'

function entry({ kind, name, operation }: Permission, user: string): Omit<AclEntry, 'permissionType'> {
  const types = {
    topic: AclResourceTypes.TOPIC,
    group: AclResourceTypes.GROUP,
    cluster: AclResourceTypes.CLUSTER
  }
  return {
    resourceType: types[kind],
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperationTypes[operation]
  }
}

async function createAcls(cluster: LocalCluster, acl: AclEntry[]): Promise<void> {
  await withAdmin(cluster, (admin) => admin.createAcls({ acl }))
}
