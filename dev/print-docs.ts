import { readFileSync, writeFileSync } from 'node:fs'
import { configurationPage, errorsPage } from './docs-pages.ts'
import { metricsPage } from './metrics-page.ts'
import { restPage } from './rest-page.ts'

/** `npm run docs`: writes the pages that are made from tables in the code. */
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage())
writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage())
writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage())

const restFile = new URL('../docs/rest.md', import.meta.url)
writeFileSync(restFile, restPage(readFileSync(restFile, 'utf8')))
