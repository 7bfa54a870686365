import { type StatusStore } from '../storage/status-store.ts'
import { type HerderSettings } from './herder-options.ts'
import { RequestError } from './request-error.ts'

/** Requests about the topics that connectors were seen to write (spec 2.4.5, 6.1). */
export class ActiveTopicRequests {
  readonly #status: StatusStore
  readonly #settings: HerderSettings

  constructor(status: StatusStore, settings: HerderSettings) {
    this.#status = status
    this.#settings = settings
  }

  /** Empty for an unknown connector. */
  read(connector: string): readonly string[] {
    if (!this.#settings['topic.tracking.enable']) {
      throw new RequestError('forbidden', 'Active topics are not noted: topic.tracking.enable is false')
    }
    return this.#status.topics(connector)
  }

  reset(connector: string): void {
    const topics = this.read(connector)
    if (!this.#settings['topic.tracking.allow.reset']) {
      throw new RequestError('forbidden', 'Active topics cannot be reset: topic.tracking.allow.reset is false')
    }
    for (const topic of topics) this.#status.deleteTopic(topic, connector)
  }
}
