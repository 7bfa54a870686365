import { silentLogger } from '../src/base/logger.ts'
import { systemClock } from '../src/base/clock.ts'
import { errorStatuses, fullPath, type Endpoint, type Resource } from '../src/rest/endpoint.ts'
import { FetchPeerClient } from '../src/rest/peer-client.ts'
import { publicResources } from '../src/rest/public-resources.ts'
import { internalResource } from '../src/rest/resources/internal.ts'

const begin = '<!-- Printed from the endpoints by `npm run docs`; edits are lost. -->'
const end = '<!-- End of what is printed. -->'

/** docs/rest.md with the tables of endpoints as they are now. */
export function restPage(committed: string): string {
  const [before = '', rest = ''] = committed.split(begin)
  const [, after = ''] = rest.split(end)
  return [before, begin, '\n\n', tables(), '\n', end, after].join('')
}

function tables(): string {
  const described = publicResources(
    {
      loggerLevels: { all: () => new Map(), set: () => [] },
      metrics: { contentType: '', scrape: () => '' },
      peers: new FetchPeerClient(systemClock),
      isSecret: () => false,
      version: '',
      commit: '',
      clock: systemClock,
      logger: silentLogger
    },
    () => []
  )
  const sections = [
    ['Of the process', described.filter(({ isOfRoute }) => !isOfRoute)],
    ['Of a route, below `/<source>/<target>`', described.filter(({ isOfRoute }) => isOfRoute)],
    ['Internal, below `/<source>/<target>` on `listeners`', [internalResource()]]
  ] as const
  return sections.flatMap(([title, resources]) => [`### ${title}`, '', ...table(resources), '']).join('\n')
}

function table(resources: readonly Resource[]): string[] {
  const rows = resources.flatMap((resource) => resource.endpoints.map((endpoint) => row(resource, endpoint)))
  return ['| Request | What it does | Success | Errors | Passed on |', '| --- | --- | --- | --- | --- |', ...rows]
}

function row(resource: Resource, endpoint: Endpoint): string {
  const { summary, query = {}, responses } = endpoint.schema
  const path = fullPath(resource, endpoint)
    .replace('/:source/:target', '')
    .replace(/:(\w+)/g, '{$1}')
  const parameters = Object.keys(query).map((name) => `${name}=`)
  const cells = [
    `\`${endpoint.method} ${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}\``,
    summary,
    Object.keys(responses).join(', '),
    errorStatuses(resource, endpoint).join(', '),
    endpoint.isForwarded === true ? 'yes' : ''
  ]
  return `| ${cells.join(' | ')} |`
}
