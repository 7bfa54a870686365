import { describe, expect, it } from 'vitest'
import { request, restUnderTest, schemaErrors, type SchemaCheck } from '../../support/rest-under-test.ts'

interface Case {
  readonly ask: string
  readonly body?: string
  readonly status: number
  readonly answer: string
  /** What the herder is asked, where that is the point. */
  readonly call?: unknown
}

const infoText =
  '{"name":"Source","config":{"name":"Source","connector.class":"x.SourceConnector","sasl.jaas.config":"[hidden]","empty":null},' +
  '"tasks":[{"connector":"Source","task":0}],"type":"source"}'
const statusText =
  '{"name":"Source","connector":{"state":"RUNNING","worker_id":"w:1/A->B","version":"4.3.1"},' +
  '"tasks":[{"id":0,"state":"FAILED","worker_id":"w:1/A->B","version":null,"trace":"boom"}],"type":"source"}'
const notFound = '{"error_code":404,"message":"HTTP 404 Not Found"}'
const noConnector = '{"error_code":404,"message":"Connector X not found"}'

const cases: readonly Case[] = [
  {
    ask: 'GET /',
    status: 200,
    answer: '{"version":"4.3.1","commit":"c0ffee","routes":[{"source":"A","target":"B c","path":"/A/B%20c/"}]}'
  },
  {
    ask: 'GET /health',
    status: 200,
    answer:
      '{"status":"healthy","message":"Every route is at work","routes":{"A->B c":{"status":"healthy","message":"At work"}}}'
  },
  { ask: 'GET /metrics', status: 200, answer: 'up 1\n' },
  { ask: 'GET /nowhere', status: 404, answer: notFound },
  { ask: 'GET /B/A/connectors', status: 404, answer: notFound },
  { ask: 'GET @/', status: 200, answer: '{"version":"4.3.1","commit":"c0ffee","kafka_cluster_id":"cluster-b"}' },
  { ask: 'GET @', status: 200, answer: '{"version":"4.3.1","commit":"c0ffee","kafka_cluster_id":"cluster-b"}' },
  { ask: 'GET @/health', status: 200, answer: '{"status":"healthy","message":"At work"}' },

  { ask: 'GET @/connectors', status: 200, answer: '["Source","New"]' },
  { ask: 'GET @/connectors/', status: 200, answer: '["Source","New"]' },
  {
    ask: 'GET @/connectors?expand=status&expand=info&expand=x',
    status: 200,
    answer: `{"Source":{"status":${statusText},"info":${infoText}}}`
  },
  { ask: 'GET @/connectors/Source', status: 200, answer: infoText },
  { ask: 'GET @/connectors/X', status: 404, answer: noConnector },
  { ask: 'GET @/connectors/Source/status', status: 200, answer: statusText },
  { ask: 'GET @/connectors/X/status', status: 404, answer: noConnector },
  {
    ask: 'GET @/connectors/Source/config',
    status: 200,
    answer: '{"name":"Source","connector.class":"x.SourceConnector","sasl.jaas.config":"[hidden]","empty":null}'
  },
  { ask: 'GET @/connectors/X/config', status: 404, answer: noConnector },
  {
    ask: 'GET @/connectors/Source/tasks',
    status: 200,
    answer: '[{"id":{"connector":"Source","task":0},"config":{"ssl.key.password":"[hidden]","a":"1"}}]'
  },
  { ask: 'GET @/connectors/X/tasks', status: 404, answer: noConnector },
  { ask: 'GET @/connectors/Source/tasks-config', status: 404, answer: notFound },
  { ask: 'GET @/connectors/Source/tasks/0/status', status: 200, answer: '{"id":0,"state":"RUNNING","worker_id":"w"}' },
  {
    ask: 'GET @/connectors/Source/tasks/7/status',
    status: 404,
    answer: '{"error_code":404,"message":"Connector Source-7 not found"}'
  },
  { ask: 'GET @/connectors/Source/tasks/one/status', status: 404, answer: notFound },

  {
    ask: 'POST @/connectors',
    body: '{"name":" N ","config":{"a":1,"b":true,"c":null},"initial_state":"paused"}',
    status: 201,
    answer: '{"name":"N","config":{"a":"1","b":"true","c":null,"name":"N"},"tasks":[],"type":"source"}',
    call: [
      'putConnectorConfig',
      'N',
      { a: '1', b: 'true', c: null, name: 'N' },
      { mayReplace: false, targetState: 'PAUSED' }
    ]
  },
  {
    ask: 'POST @/connectors',
    body: '{"name":"Source","config":{}}',
    status: 409,
    answer: '{"error_code":409,"message":"Connector Source already exists"}'
  },
  {
    ask: 'POST @/connectors',
    body: '{"name":"N","config":{"name":"M"}}',
    status: 400,
    answer: '{"error_code":400,"message":"The config is that of M, but the request is for N"}'
  },
  {
    ask: 'POST @/connectors',
    body: '{"name":"N","config":{},"initial_state":"UP"}',
    status: 400,
    answer: '{"error_code":400,"message":"initial_state is UP: expected RUNNING, PAUSED or STOPPED"}'
  },
  {
    ask: 'POST @/connectors',
    body: '{"config":{}}',
    status: 400,
    answer: '{"error_code":400,"message":"The connector has no name"}'
  },
  {
    ask: 'POST @/connectors',
    body: '{"name":"N","config":{},"x":1}',
    status: 500,
    answer:
      '{"error_code":500,"message":"The body must be an object with no more members than name, config, initial_state"}'
  },
  {
    ask: 'POST @/connectors',
    body: '{"name":',
    status: 500,
    answer: '{"error_code":500,"message":"The body is no JSON: JSON is malformed at character 8"}'
  },
  { ask: 'POST @/connectors', body: '', status: 400, answer: '{"error_code":400,"message":"The request has no body"}' },
  {
    ask: 'PUT @/connectors/Source/config',
    body: '{"a":"1"}',
    status: 200,
    answer: '{"name":"Source","config":{"a":"1","name":"Source"},"tasks":[],"type":"source"}',
    call: ['putConnectorConfig', 'Source', { a: '1', name: 'Source' }, { mayReplace: true }]
  },
  {
    ask: 'PUT @/connectors/N/config',
    body: '{"big":9007199254740993}',
    status: 201,
    answer: '{"name":"N","config":{"big":"9007199254740993","name":"N"},"tasks":[],"type":"source"}'
  },
  {
    ask: 'PUT @/connectors/N/config',
    body: '{"a":{"b":1}}',
    status: 500,
    answer: '{"error_code":500,"message":"The config, at a, must be text"}'
  },
  {
    ask: 'PUT @/connectors/N/config',
    body: '{"name":"M"}',
    status: 400,
    answer: '{"error_code":400,"message":"The config is that of M, but the request is for N"}'
  },
  {
    ask: 'PUT @/connectors/Source/config',
    body: '{"sasl.jaas.config":"[hidden]"}',
    status: 400,
    answer:
      '{"error_code":400,"message":"[hidden] stands for a secret and is none: give the value of sasl.jaas.config, or PATCH the other keys"}'
  },
  {
    ask: 'PATCH @/connectors/Source/config',
    body: '{"a":null}',
    status: 200,
    answer: infoText,
    call: ['patchConnectorConfig', 'Source', { a: null }]
  },
  { ask: 'PATCH @/connectors/X/config', body: '{}', status: 404, answer: noConnector },
  { ask: 'DELETE @/connectors/Source', status: 204, answer: '', call: ['deleteConnector', 'Source'] },
  { ask: 'DELETE @/connectors/X', status: 404, answer: noConnector },

  { ask: 'POST @/connectors/Source/restart', status: 204, answer: '', call: ['restartConnector', 'Source'] },
  { ask: 'POST @/connectors/X/restart', status: 404, answer: noConnector },
  {
    ask: 'POST @/connectors/Source/restart?includeTasks=True&onlyFailed=no',
    status: 202,
    answer: statusText,
    call: ['restart', 'Source', { connector: 'Source', includeTasks: true, onlyFailed: false }]
  },
  { ask: 'POST @/connectors/Source/tasks/0/restart', status: 204, answer: '', call: ['restartTask', 'Source', 0] },
  { ask: 'POST @/connectors/Source/tasks/x/restart', status: 404, answer: notFound },
  { ask: 'PUT @/connectors/Source/pause', status: 202, answer: '', call: ['pauseConnector', 'Source'] },
  { ask: 'PUT @/connectors/Source/resume', status: 202, answer: '', call: ['resumeConnector', 'Source'] },
  { ask: 'PUT @/connectors/Source/stop', status: 204, answer: '', call: ['stopConnector', 'Source'] },
  { ask: 'PUT @/connectors/X/stop', status: 404, answer: noConnector },

  { ask: 'GET @/connectors/Source/topics', status: 200, answer: '{"Source":{"topics":["A.t"]}}' },
  { ask: 'GET @/connectors/X/topics', status: 200, answer: '{"X":{"topics":[]}}' },
  { ask: 'PUT @/connectors/Source/topics/reset', status: 202, answer: '', call: ['resetActiveTopics', 'Source'] },

  {
    ask: 'GET @/connectors/Source/offsets',
    status: 200,
    answer:
      '{"offsets":[{"partition":{"cluster":"A","partition":0,"topic":"t"},"offset":{"offset":9007199254740993}},{"partition":{"cluster":"A","partition":1,"topic":"t"},"offset":null}]}'
  },
  { ask: 'GET @/connectors/X/offsets', status: 404, answer: noConnector },
  {
    ask: 'PATCH @/connectors/Source/offsets',
    body: '{"offsets":[{"partition":{"p":1},"offset":{"offset":9007199254740993}},{"partition":{"p":2},"offset":null}]}',
    status: 200,
    answer: '{"message":"altered"}',
    call: [
      'alterOffsets',
      'Source',
      [
        { partition: { p: 1n }, offset: { offset: 9_007_199_254_740_993n } },
        { partition: { p: 2n }, offset: null }
      ]
    ]
  },
  {
    ask: 'PATCH @/connectors/Source/offsets',
    body: '{"offsets":[]}',
    status: 400,
    answer: '{"error_code":400,"message":"There are no offsets in the body"}'
  },
  {
    ask: 'PATCH @/connectors/Source/offsets',
    body: '{"offsets":[{"offset":null}]}',
    status: 400,
    answer: '{"error_code":400,"message":"An entry of offsets has no partition"}'
  },
  {
    ask: 'DELETE @/connectors/Source/offsets',
    status: 200,
    answer: '{"message":"reset"}',
    call: ['resetOffsets', 'Source']
  },
  { ask: 'DELETE @/connectors/X/offsets', status: 404, answer: noConnector },

  {
    ask: 'GET @/connector-plugins',
    status: 200,
    answer: '[{"class":"x.SourceConnector","type":"source","version":"4.3.1"}]'
  },
  {
    ask: 'GET @/connector-plugins?connectorsOnly=false',
    status: 200,
    answer:
      '[{"class":"x.SourceConnector","type":"source","version":"4.3.1"},{"class":"x.BytesConverter","type":"converter"}]'
  },
  { ask: 'GET @/connector-plugins/SourceConnector/config', status: 200, answer: '[{"name":"tasks.max"}]' },
  { ask: 'GET @/connector-plugins/X/config', status: 404, answer: '{"error_code":404,"message":"Unknown plugin X"}' },
  {
    ask: 'PUT @/connector-plugins/Source/config/validate',
    body: '{"connector.class":"x.SourceConnector"}',
    status: 200,
    answer: '{"name":"x.SourceConnector","error_count":0}'
  },
  {
    ask: 'PUT @/connector-plugins/Source/config/validate',
    body: '{}',
    status: 400,
    answer: '{"error_code":400,"message":"The config has no connector.class"}'
  },
  {
    ask: 'PUT @/connector-plugins/Other/config/validate',
    body: '{"connector.class":"x.SourceConnector"}',
    status: 400,
    answer: '{"error_code":400,"message":"The config is one of x.SourceConnector, but the request is for Other"}'
  },

  { ask: 'GET @/admin/loggers', status: 200, answer: '{"root":{"level":"INFO","last_modified":null}}' },
  { ask: 'GET @/admin/loggers/ROOT', status: 200, answer: '{"level":"INFO","last_modified":null}' },
  { ask: 'GET @/admin/loggers/x', status: 404, answer: '{"error_code":404,"message":"There is no logger x"}' },
  { ask: 'PUT @/admin/loggers/x?scope=y', body: '{"level":"debug"}', status: 200, answer: '["x"]' },
  {
    ask: 'PUT @/admin/loggers/x?scope=cluster',
    body: '{"level":"debug"}',
    status: 204,
    answer: '',
    call: ['putClusterLoggerLevel', 'x', 'DEBUG']
  },
  {
    ask: 'PUT @/admin/loggers/x',
    body: '{}',
    status: 400,
    answer: '{"error_code":400,"message":"The body names no level"}'
  },
  {
    ask: 'PUT @/admin/loggers/x',
    body: '{"level":"loud"}',
    status: 404,
    answer: '{"error_code":404,"message":"There is no level loud: OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE, ALL"}'
  },
  { ask: 'POST @/connectors/Source', status: 405, answer: '{"error_code":405,"message":"HTTP 405 Method Not Allowed"}' }
]

describe('the public API', () => {
  const { api, calls } = restUnderTest()

  it.each(cases)('answers $ask with $status', async ({ ask, body, status, answer, call }) => {
    calls.length = 0
    const response = await api.inject(request(ask, body))
    expect({ status: response.statusCode, body: response.body }).toEqual({ status, body: answer })
    if (call !== undefined) expect(calls).toEqual([call])
  })

  it('answers as its OpenAPI document says, which knows every endpoint', async () => {
    const document = (await api.inject('/openapi.json')).json<OpenApi>()
    const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation }))
    )
    const unasked: string[] = []
    const checks: SchemaCheck[] = []
    for (const { name, operation } of operations) {
      const form = new RegExp(`^${name.replace('/{source}/{target}', '@').replace(/\{\w+\}/g, '[^/]+')}(\\?.*)?$`)
      const asked = cases.filter(({ ask }) => form.test(ask))
      if (asked.length === 0) unasked.push(name)
      for (const { ask, status, answer } of asked) {
        // A path that is none belongs to no operation, whatever pattern it fits.
        if (answer === notFound || status === 405) continue
        const content = operation.responses[status]?.content
        const schema = content?.['application/json']?.schema
        expect([ask, Object.keys(operation.responses).includes(String(status))]).toEqual([ask, true])
        if (schema !== undefined) checks.push({ name: `${ask} ${String(status)}`, schema, value: JSON.parse(answer) })
      }
    }
    expect(checks.length).toBeGreaterThan(50)
    expect(await schemaErrors(document.components, checks)).toEqual([])
    expect(JSON.stringify(document)).not.toContain('"required":[]')
    expect(unasked).toEqual(['GET /openapi.json'])
  })
})

interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: object
}

interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}
