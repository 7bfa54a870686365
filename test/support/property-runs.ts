/** How often a property is tried: so often in every run of the tests, and many times that in `npm run test:properties`. */
const times = Number(process.env['PROPERTY_RUNS_TIMES'] ?? 1)

export function propertyRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: usual * times }
}
