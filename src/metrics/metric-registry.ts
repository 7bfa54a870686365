import { type Clock } from '../base/clock.ts'
import { type MetricGroup } from './metric-group.ts'
import { MetricRow } from './metric-row.ts'
import { MetricStore } from './metric-store.ts'
import { labelsText } from './prometheus-text.ts'
import { SampleWindow } from './sample-window.ts'

export interface MetricRegistryOptions {
  readonly clock: Clock
  /** `metrics.num.samples`; default 2. */
  readonly samples?: number
  /** `metrics.sample.window.ms`; default 30000. */
  readonly windowMs?: number
  /** Whether groups with the tag `partition` keep anything; default true. */
  readonly hasPartitionSeries?: boolean
}

/** How a group is recorded into: by numbers of sensors and texts, to be looked up once, and rows. */
export interface MetricRows<Sensor extends string, Tag extends string, Text extends string> {
  sensor(name: Sensor): number
  text(name: Text): number
  /** A row of zeros; an older row of the same tags is removed. Whoever takes it removes it. */
  entity(tags: Readonly<Record<Tag, string>>): MetricRow
}

/** Every metric of the process. */
export class MetricRegistry {
  readonly #clock: Clock
  readonly #window: SampleWindow
  readonly #hasPartitionSeries: boolean
  readonly #stores = new Map<MetricGroup, MetricStore>()
  readonly #refreshes = new Set<() => void>()

  constructor({ clock, samples = 2, windowMs = 30_000, hasPartitionSeries = true }: MetricRegistryOptions) {
    this.#clock = clock
    this.#window = new SampleWindow(samples, windowMs)
    this.#hasPartitionSeries = hasPartitionSeries
  }

  /**
   * Has `refresh` called before each scrape: for figures that are cheaper to work out then than to keep up to date.
   * @returns what ends that
   */
  beforeScrape(refresh: () => void): () => void {
    this.#refreshes.add(refresh)
    return () => {
      this.#refreshes.delete(refresh)
    }
  }

  /** Called by whoever scrapes. */
  refresh(): void {
    for (const refresh of this.#refreshes) refresh()
  }

  /** Those that have been asked for, for scraping. */
  get stores(): Iterable<MetricStore> {
    return this.#stores.values()
  }

  /** @param common labels of every row made through the result, such as a route's; a tag of the same name wins */
  group<Sensor extends string, Tag extends string, Text extends string>(
    group: MetricGroup<Sensor, Tag, Text>,
    common: Readonly<Record<string, string>> = {}
  ): MetricRows<Sensor, Tag, Text> {
    let store = this.#stores.get(group)
    if (store === undefined) {
      store = new MetricStore(group, this.#clock, this.#window)
      this.#stores.set(group, store)
    }
    const kept = this.#hasPartitionSeries || !group.tags.some((tag) => tag === 'partition') ? store : undefined
    return {
      sensor: (name) => Object.keys(group.sensors).indexOf(name),
      text: (name) => Object.keys(group.texts).indexOf(name),
      entity: (tags) => {
        if (kept === undefined) return unkept
        const own = group.tags.map((tag) => [tag, tags[tag]] as const)
        return kept.add(labelsText(new Map([...Object.entries(common), ...own])))
      }
    }
  }
}

const unkept = new MetricRow(undefined, 0, '', 0)
