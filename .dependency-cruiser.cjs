/**
 * The one place that says which folder of src/ may import which. A folder may import itself and the
 * folders listed for it; anything else fails the build. Type-only imports count.
 */
const mayImport = {
  base: [],
  wire: ['base'],
  config: ['base'],
  metrics: ['base'],
  net: ['base', 'wire', 'config'],
  client: ['base', 'wire', 'config', 'net'],
  admin: ['base', 'wire', 'config', 'net', 'client'],
  'mirror-client': ['base', 'wire', 'config', 'net', 'client', 'admin'],
  connect: ['base', 'wire', 'config', 'metrics', 'client'],
  mirror: ['base', 'wire', 'config', 'metrics', 'net', 'client', 'admin', 'mirror-client', 'connect'],
  rest: ['base', 'config', 'metrics', 'connect'],
  driver: ['base', 'wire', 'net', 'client', 'admin', 'config', 'metrics', 'mirror-client', 'connect', 'mirror', 'rest']
}

const direction = Object.entries(mayImport).map(([folder, below]) => ({
  name: `${folder}-looks-down-only`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...below].join('|')})/` }
}))

module.exports = {
  forbidden: [
    ...direction,
    {
      name: 'no-unlisted-folder',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(mayImport).join('|')})/` },
      to: {}
    },
    {
      name: 'entries-only-reach-the-driver',
      severity: 'error',
      from: { path: '^src/(main|mm2|service)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(base|driver)/' }
    },
    {
      name: 'index-only-shows-the-library',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(base|mirror-client|connect|mirror)/' }
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'library-entry-loads-no-server',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: 'node_modules/(fastify|@fastify)/', reachable: true }
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(index|service|main|mm2)\\.ts$' },
      to: {}
    },
    {
      name: 'only-net-opens-sockets',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/net/' },
      to: { path: '^(node:)?(net|tls)$', dependencyTypes: ['core'] }
    },
    {
      name: 'fastify-stays-in-rest',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/rest/' },
      to: { path: 'node_modules/(fastify|@fastify)/' }
    },
    {
      name: 'prom-client-stays-in-metrics',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/metrics/' },
      to: { path: 'node_modules/prom-client/' }
    },
    {
      name: 'kafkajs-stays-behind-its-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/admin/' },
      to: { path: 'node_modules/kafkajs/', dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'src-uses-no-dev-dependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] }
    },
    {
      name: 'unit-tests-open-no-socket',
      severity: 'error',
      from: { path: '^test/unit/' },
      to: { path: '^(node:)?(net|tls|http|https)$', dependencyTypes: ['core'] }
    },
    {
      name: 'src-knows-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|dev|examples)/' }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'require', 'node', 'default', 'types'] }
  }
}
