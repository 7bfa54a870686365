import { type Clock } from '../../src/base/clock.ts'
import { MetricRegistry } from '../../src/metrics/metric-registry.ts'
import { MirrorMetrics } from '../../src/mirror/metrics/mirror-metrics.ts'

/** Metrics of a route `A->B`; nobody scrapes them unless by a registry that is handed in. */
export function unreadMetrics(clock: Clock, registry = new MetricRegistry({ clock })): MirrorMetrics {
  return new MirrorMetrics({ registry, source: 'A', target: 'B', clock })
}
