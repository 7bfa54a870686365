/** A process of the program and its REST API, as the OpenAPI document describes it. */
import { expect } from 'vitest'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { type ApiAnswer, type Call, type KnownOperation, OpenApiClient, type SeenAnswers } from './openapi-client.ts'
import { restOrigin } from './rest-origin.ts'
import { waitUntil } from './wait-until.ts'

export interface ConnectorStatus {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly worker_id: string }[]
}

export class RestWorker {
  readonly mirror: LocalMirror
  readonly #client: OpenApiClient

  private constructor(mirror: LocalMirror, client: OpenApiClient) {
    this.mirror = mirror
    this.#client = client
  }

  /** @param defaults parameters that most calls share */
  static async of(
    mirror: LocalMirror,
    defaults: Readonly<Record<string, string>>,
    seen: SeenAnswers
  ): Promise<RestWorker> {
    return new RestWorker(mirror, await OpenApiClient.of(await restOrigin(mirror), defaults, seen))
  }

  get origin(): string {
    return this.#client.origin
  }

  get operations(): KnownOperation[] {
    return [...this.#client.operations.values()]
  }

  async call(operation: string, call: Call = {}): Promise<ApiAnswer> {
    return await this.#client.call(operation, call)
  }

  /** Expects this status; errors in the shape that all have. */
  async answers(operation: string, status: number, call: Call = {}): Promise<ApiAnswer> {
    const answer = await this.call(operation, call)
    expect({ operation, status: answer.status, body: answer.body }).toMatchObject({ operation, status })
    const message: unknown = expect.stringMatching(/./)
    if (status >= 400) expect(answer.json).toEqual({ error_code: status, message })
    return answer
  }

  /** Waits until the connector and so many tasks are in this state. */
  async runs(connector: string, state: string, taskCount: number): Promise<ConnectorStatus> {
    return await waitUntil(
      `${connector} is ${state} with ${taskCount} tasks`,
      async () => {
        const { json, status, body } = await this.call('getConnectorStatus', { params: { connector } })
        if (status !== 200) throw new Error(body)
        const now = json as ConnectorStatus
        const states = [now.connector.state, ...now.tasks.map((task) => task.state)]
        if (states.length === taskCount + 1 && states.every((each) => each === state)) return now
        throw new Error(body)
      },
      { timeoutMs: 90_000, intervalMs: 100 }
    )
  }
}
