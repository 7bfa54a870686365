import { boolean, int, list, required, string, choice, type OptionStatus } from '../config/option-table.ts'

/** Keys that belong to the process: only at the top level of the file. */
const noRest: OptionStatus = { later: 'there is no REST server in this release' }

export const driverOptions = {
  clusters: list({
    default: required,
    importance: 'high',
    check: { expected: 'aliases of clusters, separated by commas', holds: (aliases) => aliases.length > 0 },
    meaning: 'Aliases of the clusters. Every other key of a cluster or of a route begins with them.'
  }),
  'config.providers': list({
    default: [],
    meaning:
      'Names of config providers, which `${name:path:key}` in values refers to. Each has `config.providers.<name>.class` and `.param.*`; there are EnvVarConfigProvider, FileConfigProvider and DirectoryConfigProvider of `org.apache.kafka.common.config.provider`.'
  }),
  'dedicated.mode.enable.internal.rest': boolean({
    default: false,
    status: noRest,
    meaning: 'Whether workers speak to each other by HTTP.'
  }),
  listeners: list({
    default: ['http://:8083'],
    status: noRest,
    check: {
      expected: 'http:// addresses: https is not in this release',
      holds: (urls) => urls.every((url) => url.toLowerCase().startsWith('http://'))
    },
    meaning: 'Addresses of the REST server.'
  }),
  'rest.advertised.host.name': string({ default: null, status: noRest, meaning: 'Host that others are told.' }),
  'rest.advertised.port': int({ default: null, status: noRest, meaning: 'Port that others are told.' }),
  'rest.advertised.listener': choice({
    words: ['http', 'https'],
    ignoreCase: true,
    default: null,
    status: noRest,
    meaning: 'Listener that others are told.'
  }),
  'access.control.allow.origin': string({ default: '', status: noRest, meaning: 'CORS origins.' }),
  'access.control.allow.methods': string({ default: '', status: noRest, meaning: 'CORS methods.' }),
  'response.http.headers.config': string({ default: '', status: noRest, meaning: 'Headers of answers.' }),
  'ssl.client.auth': choice({
    words: ['none', 'requested', 'required'],
    ignoreCase: true,
    default: 'none',
    status: noRest,
    meaning: 'Whether REST clients need a certificate.'
  })
}
