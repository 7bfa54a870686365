/** Set-up of unit tests: properties are tried with the same cases in every run, but in `npm run test:properties` with many new ones. */
import fc from 'fast-check'
import { explores, propertyRuns } from './property-runs.ts'

fc.configureGlobal(explores ? propertyRuns(100) : { seed: 20_261_126 })
