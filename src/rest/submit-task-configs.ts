import { MirrorError } from '../base/errors.ts'
import { type ConnectorConfig } from '../connect/connector-config.ts'
import { RequestError } from '../connect/herder/request-error.ts'
import { type SessionKey } from '../connect/storage/config-store.ts'
import { writeJacksonJson } from '../connect/storage/jackson-json.ts'
import { isWorkerUrl, joinUrl, PeerError, readPeerAnswer } from './peer-answer.ts'
import { type PeerClient } from './peer-client.ts'
import { signatureHeaders } from './request-signature.ts'

export interface TaskConfigSubmitterOptions {
  readonly peers: PeerClient
  readonly source: string
  readonly target: string
  /** Undefined while none is known: the request goes out unsigned, which only an older protocol lets pass. */
  readonly sessionKey: () => SessionKey | undefined
}

/**
 * How a worker that owns a connector hands its task configs to the leader (spec 6.6). The result rejects with
 * RequestError `forbidden` when the signature was refused, else with a retriable MirrorError that says what the leader said.
 */
export function taskConfigSubmitter(
  options: TaskConfigSubmitterOptions
): (leaderUrl: string, connector: string, configs: readonly ConnectorConfig[]) => Promise<void> {
  const { peers, source, target, sessionKey } = options
  return async (leaderUrl, connector, configs) => {
    if (!isWorkerUrl(leaderUrl)) {
      throw refused(`The leader has no internal REST: set dedicated.mode.enable.internal.rest=true on every worker`)
    }
    const path = [source, target, 'connectors', connector, 'tasks'].map((segment) => `/${encodeURIComponent(segment)}`)
    const url = joinUrl(leaderUrl, path.join(''))
    const body = Buffer.from(writeJacksonJson(configs))
    const key = sessionKey()
    const signature = key === undefined ? {} : signatureHeaders(key, body)
    const headers = { 'content-type': 'application/json', ...signature }
    const answer = await peers.send({ method: 'POST', url, headers, body })
    try {
      readPeerAnswer(answer, url)
    } catch (cause) {
      const message = `The leader refused the task configs of ${connector}: ${cause instanceof Error ? cause.message : ''}`
      if (cause instanceof PeerError && cause.statusCode === 403)
        throw new RequestError('forbidden', message, { cause })
      throw refused(message, cause)
    }
  }
}

function refused(message: string, cause?: unknown): MirrorError {
  return new MirrorError('MIRROR_REQUEST', message, { retriable: true, cause })
}
