import { type OutgoingBatch, type RawProducer } from './raw-producer.ts'

/** A producer that can be made to forget what it holds: one that is new takes the place of the other. */
export class RenewableProducer implements RawProducer {
  readonly #create: () => RawProducer
  #producer: RawProducer
  #isClosed = false

  constructor(create: () => RawProducer) {
    this.#create = create
    this.#producer = create()
  }

  get outstandingBatches(): number {
    return this.#producer.outstandingBatches
  }

  send(topic: string, partition: number, batch: OutgoingBatch): void {
    this.#producer.send(topic, partition, batch)
  }

  async flush(timeoutMs: number): Promise<boolean> {
    return await this.#producer.flush(timeoutMs)
  }

  /** What is not acknowledged is not sent (again), and never settled. */
  async renew(): Promise<void> {
    if (this.#isClosed) return
    const old = this.#producer
    this.#producer = this.#create()
    await old.close()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#producer.close()
  }
}
