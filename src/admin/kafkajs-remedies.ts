import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const schedule = 'scheduleCheckPendingRequests'
let isQueuePatched = false

/**
 * kafkajs re-arms a timer of 1 ms for ever after the first response on any connection (3 to 5 % of a core). The timer
 * is only good for requests that wait, so without any it is not set. Changes kafkajs for the whole process, harmlessly.
 */
export function calmRequestQueue(): void {
  if (isQueuePatched) return
  isQueuePatched = true
  const RequestQueue: unknown = require('kafkajs/src/network/requestQueue')
  const prototype: unknown = typeof RequestQueue === 'function' ? RequestQueue.prototype : null
  if (typeof prototype !== 'object' || prototype === null) return
  const original: unknown = Reflect.get(prototype, schedule)
  if (typeof original !== 'function') return
  const calmed = function (this: { readonly pending: readonly unknown[] }): void {
    if (this.pending.length > 0) Reflect.apply(original, this, [])
  }
  Reflect.set(prototype, schedule, calmed)
}

const metadataKey = 3
/** Frame size, API key, API version, correlation id. */
const headerBytes = 12
const noTopics = 0

/**
 * Before each admin call kafkajs asks for the metadata of all topics, and fails when a single partition of the cluster
 * has no leader. It only needs the controller: the request for all topics (a null array) becomes one for none.
 * The frame is changed in place; anything else passes.
 */
export function askForNoTopics(frame: unknown): void {
  if (!Buffer.isBuffer(frame) || frame.length < headerBytes + 2) return
  // Version 0 has no way to ask for none.
  if (frame.readInt16BE(4) !== metadataKey || frame.readInt16BE(6) < 1) return
  const topicsAt = headerBytes + 2 + Math.max(frame.readInt16BE(headerBytes), 0)
  if (frame.length >= topicsAt + 4 && frame.readInt32BE(topicsAt) === -1) frame.writeInt32BE(noTopics, topicsAt)
}
