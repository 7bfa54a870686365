import { type ConnectorTaskId } from '../connector-task-id.ts'

const largestTask = 0x7fffffff
const taskId = /^(.*)-([0-9]{1,10})$/s

/** Reads `<connector>-<n>`, as keys of internal topics end; a connector's name may have hyphens and digits itself. */
export function parseTaskId(text: string): ConnectorTaskId | undefined {
  const [, connector, number] = taskId.exec(text) ?? []
  const task = Number(number)
  return connector === undefined || task > largestTask ? undefined : { connector, task }
}
