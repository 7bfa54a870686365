import { maskedValue } from '../config/findings.ts'
import { type ConnectorConfig } from '../connect/connector-config.ts'
import { type ConnectorInfo, type ConnectorStatus, type StateInfo } from '../connect/herder/herder.ts'
import { RequestError } from '../connect/herder/request-error.ts'
import { type JsonValue } from '../connect/storage/jackson-json.ts'

/*
 * Bodies in the member order of the reference, and no member more: Java workers parse what they relay strictly.
 */

type IsSecret = (key: string) => boolean

/** A config as the API shows it: secrets masked, everything else raw, placeholders unresolved. */
export function configBody(config: ConnectorConfig, isSecret: IsSecret): JsonValue {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, value !== null && isSecret(key) ? maskedValue : value])
  )
}

/**
 * Refuses a config that was read from this API and is sent back: the mask would be stored as the password. Throws
 * RequestError `badRequest`.
 */
export function refuseMasks(config: ConnectorConfig, isSecret: IsSecret): void {
  const masked = Object.keys(config).filter((key) => config[key] === maskedValue && isSecret(key))
  if (masked.length === 0) return
  throw new RequestError(
    'badRequest',
    `${maskedValue} stands for a secret and is none: give the value of ${masked.join(', ')}, or PATCH the other keys`
  )
}

export function infoBody({ name, config, tasks, type }: ConnectorInfo, isSecret: IsSecret): JsonValue {
  return {
    name,
    config: configBody(config, isSecret),
    tasks: tasks.map(({ connector, task }) => ({ connector, task })),
    type
  }
}

/** @param withVersion false in an answer that another worker relays: Kafka 3.9 refuses the member there */
export function statusBody({ name, connector, tasks, type }: ConnectorStatus, withVersion: boolean): JsonValue {
  return {
    name,
    connector: stateMembers(connector, withVersion),
    tasks: tasks.map((task) => taskStatusBody(task, withVersion)),
    type
  }
}

export function taskStatusBody(task: StateInfo & { readonly id: number }, withVersion: boolean): JsonValue {
  return { id: task.id, ...stateMembers(task, withVersion) }
}

function stateMembers({ state, workerId, version, trace }: StateInfo, withVersion: boolean): Record<string, JsonValue> {
  return {
    state,
    worker_id: workerId,
    // The word `undefined` is how Java writes that a plug-in has no version.
    ...(withVersion && version !== 'undefined' ? { version } : {}),
    ...(trace === null || trace === '' ? {} : { trace })
  }
}
