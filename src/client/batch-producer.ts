import { type Clock } from '../base/clock.ts'
import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { BrokerSender, type BrokerSenderOptions } from './broker-sender.ts'
import { type Cluster } from './cluster.ts'
import { LandedBatches } from './landed-batches.ts'
import { MessageSizeLimits } from './message-size-limits.ts'
import { OutstandingBatches } from './outstanding-batches.ts'
import { OversizeRepair } from './oversize-repair.ts'
import { PartitionRecovery } from './partition-recovery.ts'
import { ProducerIds } from './producer-id.ts'
import { ProducerPartition } from './producer-partition.ts'
import { type OutgoingBatch, type PartitionStateListener, type RawProducer } from './raw-producer.ts'
import { Reachability } from './reachability.ts'
import { piecesOf, type QueuedBatch } from './send-unit.ts'

export interface RawProducerOptions {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly listener: PartitionStateListener
  /** Shared, brokers that are away are told of once. Default: of this producer alone. */
  readonly reachability?: Reachability
  /** Tells the producers of a process apart, in messages and in the names of their connections: the route or task. */
  readonly label: string
  /**
   * Looked at right before each request is written: while it answers false, what is queued stays queued. For a worker that
   * may have been stopped for so long that others do its work by now. Default: always.
   */
  readonly mayWrite?: () => boolean
}

const always = (): boolean => true

/** A producer that asks for its producer id at once, in the background. */
export function createRawProducer(options: RawProducerOptions): RawProducer {
  return new BatchProducer(options)
}

/**
 * Hands each partition to the sender of its leader. What moves between senders moves here: a partition changes its line
 * only when nothing of it is in flight at the old one.
 */
class BatchProducer implements RawProducer {
  readonly #options: RawProducerOptions & { readonly reachability: Reachability }
  readonly #ids: ProducerIds
  readonly #recovery: PartitionRecovery
  readonly #outstanding: OutstandingBatches
  readonly #topics = new Map<string, Map<number, ProducerPartition>>()
  readonly #senders = new Map<number, BrokerSender>()
  readonly #stopListening: () => void
  /** Until there is a producer id. */
  #awaitingIdentity: Set<ProducerPartition> | null = new Set()
  #closed = false

  constructor(options: RawProducerOptions) {
    const logger = options.logger.child({ producer: options.label })
    const { cluster, clock } = options
    this.#options = { ...options, logger, reachability: options.reachability ?? new Reachability(logger) }
    this.#outstanding = new OutstandingBatches(clock)
    this.#ids = new ProducerIds(this.#options)
    this.#recovery = new PartitionRecovery({
      ...this.#options,
      ids: this.#ids,
      landed: new LandedBatches(this.#options),
      oversize: new OversizeRepair(new MessageSizeLimits(cluster, clock), logger),
      wake: (partition) => {
        this.#progress(partition)
      }
    })
    this.#stopListening = cluster.onChange(() => {
      this.#followLeaders()
    })
    void this.#awaitIdentity()
  }

  get outstandingBatches(): number {
    return this.#outstanding.total
  }

  send(topic: string, partition: number, batch: OutgoingBatch): void {
    if (this.#closed) return
    const target = this.#find(topic, partition) ?? this.#add(topic, partition)
    const pieces = piecesOf(batch, this.#outstanding.generation, target.where)
    this.#outstanding.add()
    for (const piece of pieces) target.enqueue(piece)
    if (target.lineOf === null) this.#route(target)
  }

  async flush(timeoutMs: number): Promise<boolean> {
    return this.#closed ? this.#outstanding.total === 0 : await this.#outstanding.flush(timeoutMs)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopListening()
    this.#ids.close()
    this.#recovery.close()
    for (const sender of this.#senders.values()) sender.close()
    for (const [topic, partitions] of this.#topics) {
      this.#options.cluster.unfollow(topic)
      for (const partition of partitions.values()) partition.close()
    }
    this.#outstanding.close()
    await Promise.resolve()
  }

  #find(topic: string, partition: number): ProducerPartition | undefined {
    return this.#topics.get(topic)?.get(partition)
  }

  #add(topic: string, partition: number): ProducerPartition {
    const { cluster } = this.#options
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#topics.set(topic, partitions)
      cluster.follow(topic)
    }
    const added = new ProducerPartition({ alias: cluster.alias, topic, partition }, this.#onSettled)
    added.identity = this.#ids.current
    added.leader = cluster.leader(topic, partition)?.nodeId ?? -1
    partitions.set(partition, added)
    return added
  }

  readonly #onSettled = ({ generation }: QueuedBatch): void => {
    this.#outstanding.remove(generation)
  }

  /** Lets a partition recover when it has to, or else get in line. */
  #progress(partition: ProducerPartition): void {
    if (partition.isDrained) this.#recovery.recover(partition)
    else this.#route(partition)
  }

  /** Puts a partition in the line of its leader, if it can send. */
  #route(partition: ProducerPartition): void {
    if (this.#closed) return
    if (partition.identity === null) {
      this.#awaitingIdentity?.add(partition)
      return
    }
    if (!partition.canSend()) return
    if (partition.leader < 0) {
      if (partition.inFlight === 0) this.#recovery.awaitLeader(partition)
      return
    }
    const sender = this.#senders.get(partition.leader) ?? this.#addSender(partition.leader)
    if (partition.inFlight > 0 && partition.sentThrough !== sender) return
    sender.enqueue(partition)
  }

  #addSender(nodeId: number): BrokerSender {
    const options: BrokerSenderOptions = {
      ...this.#options,
      mayWrite: this.#options.mayWrite ?? always,
      nodeId,
      purpose: `produce ${this.#options.label}`,
      find: (topic, partition) => this.#find(topic, partition),
      onProgress: (partition) => {
        this.#progress(partition)
      },
      onHealed: (partition) => {
        this.#recovery.healed(partition)
      },
      onBlocked: (partition: ProducerPartition, error: MirrorError) => {
        this.#recovery.block(partition, error)
      }
    }
    const sender = new BrokerSender(options)
    this.#senders.set(nodeId, sender)
    return sender
  }

  #followLeaders(): void {
    const { cluster } = this.#options
    for (const [topic, partitions] of this.#topics) {
      for (const partition of partitions.values()) {
        const leader = cluster.leader(topic, partition.partition)?.nodeId ?? -1
        if (leader === partition.leader) continue
        partition.leader = leader
        this.#recovery.leaderChanged(partition)
        this.#route(partition)
      }
    }
  }

  async #awaitIdentity(): Promise<void> {
    const identity = await this.#ids.otherThan(null)
    if (identity === null) return
    const waiting = this.#awaitingIdentity ?? []
    this.#awaitingIdentity = null
    for (const partition of waiting) {
      partition.adopt(identity)
      this.#route(partition)
    }
  }
}
