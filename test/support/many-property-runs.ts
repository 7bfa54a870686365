/** For `npm run test:properties`: properties that do not say how often they are tried are tried more often, too. */
import fc from 'fast-check'
import { propertyRuns } from './property-runs.ts'

fc.configureGlobal(propertyRuns(100))
