import { MirrorError } from '../../base/errors.ts'
import { type TaskConfig } from '../../connect/source-connector.ts'
import { taskIndexKey } from '../source/task-assignment.ts'

/** Ids joined by commas: the reference's, which has no way to write an id that has a comma in it. */
const assignedGroupsKey = 'task.assigned.groups'
/** Not the reference's: the ids as a JSON array, where the other key cannot tell them. Java tasks take no notice of it. */
const assignedGroupsJsonKey = 'task.assigned.groups.json'

/**
 * Configs of the tasks: the connector's own settings plus index and groups. Each task gets neighbours in the order of the
 * ids, as many as the others or one more; none is left empty. A Java task leaves out the groups that it could not read.
 * @param groups sorted, so that equal groups give equal configs and tasks are not restarted for nothing
 */
export function assignGroups(
  properties: Readonly<Record<string, string>>,
  groups: readonly string[],
  maxTasks: number
): TaskConfig[] {
  const count = Math.min(maxTasks, groups.length)
  const size = Math.floor(groups.length / count)
  const larger = groups.length % count
  return Array.from({ length: count }, (_, index) => {
    const from = index * size + Math.min(index, larger)
    const share = groups.slice(from, from + size + (index < larger ? 1 : 0))
    return { ...properties, ...assignment(share), [taskIndexKey]: String(index) }
  })
}

function assignment(groups: readonly string[]): Record<string, string> {
  const listed = groups.filter(fitsIntoList)
  if (listed.length === groups.length) return { [assignedGroupsKey]: listed.join(',') }
  return {
    // Kafka 4.2 and later refuse an empty list: better wrong pieces, as in the reference, than a task that fails.
    [assignedGroupsKey]: (listed.length > 0 ? listed : groups).join(','),
    [assignedGroupsJsonKey]: JSON.stringify(groups)
  }
}

/** Whether Java reads the id back from a list as it was. */
function fitsIntoList(group: string): boolean {
  return group !== '' && !group.includes(',') && group.trim() === group
}

/**
 * The groups of a task config, whoever wrote it.
 * @throws MirrorError MIRROR_CONFIG_INVALID when there are none: such a task can do nothing
 */
export function parseAssignedGroups(config: TaskConfig): string[] {
  const json = config[assignedGroupsJsonKey]
  const groups = json === undefined ? parseList(config[assignedGroupsKey] ?? '') : parseJson(json)
  if (groups.length === 0) throw unusable(assignedGroupsKey, config[assignedGroupsKey] ?? '', 'group ids')
  return [...new Set(groups)]
}

function parseList(text: string): string[] {
  return text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
}

function parseJson(text: string): string[] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) && parsed.every((element) => typeof element === 'string')) return parsed
  } catch {
    // Said below.
  }
  throw unusable(assignedGroupsJsonKey, text, 'a JSON array of group ids')
}

function unusable(key: string, text: string, expected: string): MirrorError {
  return new MirrorError(
    'MIRROR_CONFIG_INVALID',
    `${key}=${text}: expected ${expected}; the task config is written by the connector, so let the connector write it again`
  )
}
