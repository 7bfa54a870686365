import { MirrorError } from '../base/errors.ts'
import { crc32cByte, crc32cZeros } from './crc32c.ts'
import { batchOffsets, batchPrefixBytes, codecMask, controlBit, transactionalBit } from './record-batch.ts'

/** Who writes the batch, with the producer id as two words so that stamping a batch makes no bigint. */
export interface ProducerStamp {
  readonly idHigh: number
  readonly idLow: number
  readonly epoch: number
  /** Sets bit 4: only inside a transaction of our own. Anywhere else the broker fails the whole request (53). */
  readonly transactional: boolean
}

export function producerStamp(producerId: bigint, epoch: number, transactional = false): ProducerStamp {
  return {
    idHigh: Number(BigInt.asIntN(32, producerId >> 32n)),
    idLow: Number(BigInt.asIntN(32, producerId)),
    epoch,
    transactional
  }
}

/** Neither idempotent nor transactional; goes with base sequence -1. */
export const noProducer: ProducerStamp = producerStamp(-1n, -1)

/**
 * Makes a magic 2 batch one that a broker takes from a client, in place: base offset 0, leader epoch -1, only the codec
 * left of the attributes (brokers store a foreign delete horizon as sent), our producer in place of the source's.
 *
 * A CRC is linear: the checksum changes by that of the changed bits, shifted over the bytes behind them. So the payload is
 * not read, and a batch that was corrupt before stays corrupt: the target refuses it (2, CORRUPT_MESSAGE).
 *
 * Throws MIRROR_BATCH_INVALID on a control batch: without its attribute bits a broker takes a marker for a data record.
 */
export function patchHeader(buffer: Buffer, at: number, producer: ProducerStamp, baseSequence: number): void {
  const attributes = buffer.readInt16BE(at + batchOffsets.attributes)
  if ((attributes & controlBit) !== 0) {
    throw new MirrorError('MIRROR_BATCH_INVALID', 'A control batch cannot be produced; it has to be left out')
  }
  const patched = (attributes & codecMask) | (producer.transactional ? transactionalBit : 0)
  const idAt = at + batchOffsets.producerId
  const change = attributesChange(attributes ^ patched)
  let register = changeOfWord(change, buffer.readInt32BE(idAt) ^ producer.idHigh)
  register = changeOfWord(register, buffer.readInt32BE(idAt + 4) ^ producer.idLow)
  register = changeOfShort(register, buffer.readInt16BE(idAt + 8) ^ producer.epoch)
  register = changeOfWord(register, buffer.readInt32BE(idAt + 10) ^ baseSequence)
  const behind = buffer.readInt32BE(at + batchOffsets.length) + batchPrefixBytes - batchOffsets.recordCount
  const crc = buffer.readInt32BE(at + batchOffsets.crc) ^ crc32cZeros(register, behind)
  buffer.writeInt32BE(crc, at + batchOffsets.crc)
  buffer.writeInt16BE(patched, at + batchOffsets.attributes)
  buffer.writeInt32BE(producer.idHigh, idAt)
  buffer.writeInt32BE(producer.idLow, idAt + 4)
  buffer.writeInt16BE(producer.epoch, idAt + 8)
  buffer.writeInt32BE(baseSequence, idAt + 10)
  buffer.writeInt32BE(0, at)
  buffer.writeInt32BE(0, at + 4)
  buffer.writeInt32BE(-1, at + batchOffsets.leaderEpoch)
}

/** Bytes between the attributes and the producer id, which stay as they are. */
const untouchedBytes = batchOffsets.producerId - batchOffsets.lastOffsetDelta

function attributesChange(difference: number): number {
  return difference === 0 ? 0 : crc32cZeros(changeOfShort(0, difference), untouchedBytes)
}

function changeOfShort(register: number, difference: number): number {
  return crc32cByte(crc32cByte(register, (difference >> 8) & 255), difference & 255)
}

function changeOfWord(register: number, difference: number): number {
  return changeOfShort(changeOfShort(register, difference >>> 16), difference & 0xffff)
}

/** The sequence that follows `count` records from `sequence`: 31 bits that wrap to 0. */
export function addSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31
}
