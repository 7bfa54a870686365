import { silentLogger } from '../../src/base/logger.ts'
import { type Clock } from '../../src/base/clock.ts'
import { OffsetLedger } from '../../src/mirror/source/offset-ledger.ts'

/** For a source task that writes neither offset syncs nor an offset map. */
export const unwrittenLedger =
  (clock: Clock) =>
  (isLeaseHeld: () => boolean): OffsetLedger =>
    new OffsetLedger({ map: undefined, syncs: undefined, isLeaseHeld, clock, logger: silentLogger })
