import { type Worker } from '../worker/worker.ts'
import { type DistributedHerderOptions } from './herder-options.ts'
import { type LocalWork } from './local-work.ts'
import { type Membership } from './membership.ts'
import { type RequestQueue } from './request-queue.ts'

/** What serving a request takes. */
export interface HerderContext {
  readonly options: DistributedHerderOptions
  readonly worker: Worker
  readonly membership: Membership
  readonly queue: RequestQueue
  readonly work: LocalWork
}
