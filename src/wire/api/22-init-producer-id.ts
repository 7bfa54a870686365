import { type ApiMessage } from '../api-message.ts'

/**
 * InitProducerId: a producer id and epoch for idempotent or transactional writes. From v2 on flexible.
 *
 *   Request  v0  => transactional_id NULLABLE_STRING, transaction_timeout_ms INT32
 *            v3+ => ... producer_id INT64, producer_epoch INT16 (KIP-360: raise the epoch of an id in use)
 *   Response v0+ => throttle_time_ms INT32, error_code INT16, producer_id INT64, producer_epoch INT16
 */
export interface InitProducerIdRequest {
  /** Null for an idempotent producer without transactions. */
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  /** -1n asks for a new id; not sent before v3. */
  readonly producerId: bigint
  readonly producerEpoch: number
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly producerId: bigint
  readonly producerEpoch: number
}

export const initProducerId: ApiMessage<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  encodeRequest(writer, request, version) {
    writer.nullableString(request.transactionalId).int32(request.transactionTimeoutMs)
    if (version >= 3) writer.int64(request.producerId).int16(request.producerEpoch)
    writer.noTags()
  },
  decodeResponse(reader) {
    const response = {
      throttleTimeMs: reader.int32(),
      errorCode: reader.int16(),
      producerId: reader.int64(),
      producerEpoch: reader.int16()
    }
    reader.skipTags()
    return response
  }
}
