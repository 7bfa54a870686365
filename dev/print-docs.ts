import { readFileSync, writeFileSync } from 'node:fs'
import { configurationPage, errorsPage } from './docs-pages.ts'
import { dashboard } from './grafana-dashboard.ts'
import { metricsPage } from './metrics-page.ts'
import { restPage } from './rest-page.ts'

/** `npm run docs`: writes the pages, and the dashboard, that are made from tables in the code. */
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage())
writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage())
writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage())
writeFileSync(new URL('../grafana/dashboard.json', import.meta.url), dashboard())

const restFile = new URL('../docs/rest.md', import.meta.url)
writeFileSync(restFile, restPage(readFileSync(restFile, 'utf8')))
