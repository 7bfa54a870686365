import { type ConnectorTaskId } from '../connect/connector-task-id.ts'
import { notFound } from './error-answer.ts'
import { type Call } from './endpoint.ts'
import { forwardParameter } from './forwarding.ts'

const largestInt = 2_147_483_647

/** The task that the path names. Throws HttpError 404 for what is no number, as for any unknown path. */
export function taskIdOf(call: Call): ConnectorTaskId {
  const number = call.param('task')
  if (!/^\d+$/.test(number) || Number(number) > largestInt) throw notFound()
  return { connector: call.param('connector'), task: Number(number) }
}

/** A switch in the query: only `true`, in any case, turns it on. */
export function isSet(call: Call, name: string): boolean {
  return call.query.get(name)?.toLowerCase() === 'true'
}

/** A worker of Kafka 3.9 that passed the request on refuses states with versions in them. */
export function hasVersions(call: Call): boolean {
  return !call.query.has(forwardParameter)
}
