const times = Number(process.env['PROPERTY_RUNS_TIMES'] ?? 1)

/** Whether the cases are new ones in each run, as in `npm run test:properties`; else they are the same in every run. */
export const explores = times > 1

/** How often a property is tried: so often in every run of the tests, and many times that in `npm run test:properties`. */
export function propertyRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: usual * times }
}
