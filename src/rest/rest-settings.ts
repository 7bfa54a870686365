import { boolean, choice, int, list, string, type OptionValues } from '../config/option-table.ts'
import { allowedMethods, allowedOrigins, parseCors, type CorsPolicy } from './cors.ts'
import { httpListeners, parseListener, type Listener } from './listener.ts'
import { headerRules, parseHeaderRules, type HeaderRule } from './response-headers.ts'

/** Keys of both servers: only at the top level of the file. */
export const restOptions = {
  'rest.api.listeners': list({
    default: [],
    check: httpListeners,
    importance: 'medium',
    meaning: 'Addresses of the REST API of the routes (`http://127.0.0.1:8083`). Off unless set. A key of this program.'
  }),
  'rest.api.extensions': list({
    default: [],
    meaning:
      'ES modules (`./my-extension.js#MyExtension`, docs/plugins.md) that add paths to the REST API. A key of this program.'
  }),
  'dedicated.mode.enable.internal.rest': boolean({
    default: false,
    meaning: 'Whether workers of a group speak to each other by HTTP, on `listeners`.'
  }),
  listeners: list({
    default: ['http://:8083'],
    check: httpListeners,
    meaning: 'Addresses of the internal REST server; the public API is not on them.'
  }),
  'rest.advertised.host.name': string({
    default: null,
    meaning: 'Host of this worker that the others of the group are told.'
  }),
  'rest.advertised.port': int({ default: null, meaning: 'Port that they are told.' }),
  'rest.advertised.listener': choice({
    words: ['http'],
    ignoreCase: true,
    default: null,
    expected: 'http: https is not in this release',
    meaning: 'Scheme that they are told.'
  }),
  'access.control.allow.origin': string({
    default: '',
    check: allowedOrigins,
    meaning: 'Origins that browsers may call the API from: patterns, separated by commas, or `*`. Empty: CORS is off.'
  }),
  'access.control.allow.methods': string({
    default: '',
    check: allowedMethods,
    meaning: 'Methods that such calls may use. Empty: GET, POST and HEAD.'
  }),
  'response.http.headers.config': string({
    default: '',
    check: headerRules,
    meaning: 'Headers that every answer gets: `[set|add|setDate|addDate] name:value`, separated by commas.'
  }),
  'ssl.client.auth': choice({
    words: ['none', 'requested', 'required'],
    ignoreCase: true,
    default: 'none',
    status: { ignored: 'there are no https listeners' },
    meaning: 'Whether REST clients need a certificate.'
  })
}

export interface RestSettings {
  readonly publicListeners: readonly Listener[]
  /** Empty while internal REST is off. */
  readonly internalListeners: readonly Listener[]
  readonly advertisedHost: string | null
  readonly advertisedPort: number | null
  /** Undefined while CORS is off. */
  readonly cors: CorsPolicy | undefined
  readonly headerRules: readonly HeaderRule[]
}

/** @param values of `restOptions`, checked */
export function restSettings(values: OptionValues<typeof restOptions>): RestSettings {
  const listeners = (texts: readonly string[]): Listener[] =>
    texts.map(parseListener).filter((listener) => listener !== undefined)
  return {
    publicListeners: listeners(values['rest.api.listeners']),
    internalListeners: values['dedicated.mode.enable.internal.rest'] ? listeners(values.listeners) : [],
    advertisedHost: values['rest.advertised.host.name'],
    advertisedPort: values['rest.advertised.port'],
    cors: parseCors(values['access.control.allow.origin'], values['access.control.allow.methods']),
    headerRules: parseHeaderRules(values['response.http.headers.config']) ?? []
  }
}
