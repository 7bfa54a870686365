/** Where the figures of rows lie. */
export interface RowStore {
  record(index: number, sensor: number, value: number): void
  remove(index: number, labels: string): void
}

/** One entity of a group: a task, a partition. Removed, or replaced by one of equal labels, it takes nothing any more. */
export class MetricRow {
  /** As they stand in a scrape. */
  readonly labels: string
  /** Rises with each row of the group. */
  readonly serial: number
  readonly #index: number
  #store: RowStore | undefined
  #texts: string[] | undefined

  /** @param store undefined: nothing is kept of this row */
  constructor(store: RowStore | undefined, index: number, labels: string, serial: number) {
    this.#store = store
    this.#index = index
    this.labels = labels
    this.serial = serial
  }

  /** @param sensor its number, looked up once in `MetricRows.sensor` */
  record(sensor: number, value: number): void {
    this.#store?.record(this.#index, sensor, value)
  }

  /** @param text number of the attribute, looked up once in `MetricRows.text` */
  setText(text: number, value: string): void {
    this.#texts ??= []
    this.#texts[text] = value
  }

  /** Undefined while it was not set. */
  textOf(text: number): string | undefined {
    return this.#texts?.[text]
  }

  remove(): void {
    this.#store?.remove(this.#index, this.labels)
    this.#store = undefined
  }
}
