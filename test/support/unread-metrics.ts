import { type Clock } from '../../src/base/clock.ts'
import { MetricRegistry } from '../../src/metrics/metric-registry.ts'
import { MirrorMetrics } from '../../src/mirror/metrics/mirror-metrics.ts'

/** Metrics of a route `A->B` that nobody scrapes. */
export function unreadMetrics(clock: Clock): MirrorMetrics {
  return new MirrorMetrics({ registry: new MetricRegistry({ clock }), source: 'A', target: 'B', clock })
}
