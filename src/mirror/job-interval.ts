/** How often something is done, in milliseconds; null: never, by either of its keys (spec 2.7: a negative interval is off). */
export function jobIntervalMs(isEnabled: boolean, intervalSeconds: number): number | null {
  return isEnabled && intervalSeconds > 0 ? intervalSeconds * 1000 : null
}
