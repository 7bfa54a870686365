/** The tags that all metrics of a route have. */
export interface RouteNames {
  readonly source: string
  readonly target: string
}

/** Whose metrics they are. */
export interface MetricTask {
  readonly connector: string
  readonly task: number
  /** `metric.names.formats`: `legacy`, `new` or both. */
  readonly formats: readonly string[]
}
