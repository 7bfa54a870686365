import { type BrokerAddress } from '../config/client-settings.ts'
import { coordinatorKeyType, findCoordinator } from '../wire/api/10-find-coordinator.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type ApiMessage } from '../wire/api-message.ts'

/** Sends one request to any broker. */
export type AskAnyBroker = <Request, Response>(
  api: ApiMessage<Request, Response>,
  request: Request
) => Promise<Response>

export interface GroupCoordinator extends BrokerAddress {
  readonly nodeId: number
}

/** Which broker coordinates each group, looked up once and again after `forget`. Callers at the same time share a look-up. */
export class GroupCoordinators {
  readonly #alias: string
  readonly #ask: AskAnyBroker
  readonly #located = new Map<string, Promise<GroupCoordinator>>()

  constructor(alias: string, ask: AskAnyBroker) {
    this.#alias = alias
    this.#ask = ask
  }

  async locate(groupId: string): Promise<GroupCoordinator> {
    let located = this.#located.get(groupId)
    if (located === undefined) {
      located = this.#lookUp(groupId)
      this.#located.set(groupId, located)
    }
    return await located
  }

  forget(groupId: string): void {
    this.#located.delete(groupId)
  }

  async #lookUp(groupId: string): Promise<GroupCoordinator> {
    const request = { key: groupId, keyType: coordinatorKeyType.group }
    const { errorCode, errorMessage, nodeId, host, port } = await this.#ask(findCoordinator, request)
    if (errorCode === brokerErrors.NONE) return { nodeId, host, port }
    throw brokerError(errorCode, `${this.#alias}: coordinator of group ${groupId}`, errorMessage)
  }
}
