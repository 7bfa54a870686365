import { type Check } from '../config/option-table.ts'

/** Which browsers may call the API (spec 6.7, as Kafka 4.3 has it). */
export interface CorsPolicy {
  allowsOrigin(origin: string): boolean
  readonly methods: readonly string[]
}

const defaultMethods = ['GET', 'POST', 'HEAD']
const word = /^[A-Z]+$/

function elements(text: string): string[] {
  return text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
}

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}

/** Undefined when it is no pattern. `*` alone is every origin. */
function originPattern(text: string): RegExp | undefined {
  if (text === '*') return /^.*$/
  try {
    return new RegExp(`^(?:${text})$`)
  } catch {
    return undefined
  }
}

export const allowedOrigins: Check<string> = {
  expected: 'distinct patterns of origins, separated by commas, or *',
  holds: (text) => isDistinct(elements(text)) && elements(text).every((origin) => originPattern(origin) !== undefined)
}

export const allowedMethods: Check<string> = {
  expected: 'distinct HTTP methods, separated by commas',
  holds: (text) => isDistinct(elements(text)) && elements(text).every((method) => word.test(method))
}

/** Undefined for a blank `origins`: CORS is off. */
export function parseCors(origins: string, methods: string): CorsPolicy | undefined {
  const patterns = elements(origins)
    .map(originPattern)
    .filter((pattern) => pattern !== undefined)
  if (patterns.length === 0) return undefined
  const named = elements(methods)
  return {
    allowsOrigin: (origin) => patterns.some((pattern) => pattern.test(origin)),
    methods: named.length > 0 ? named : defaultMethods
  }
}

/** Headers for a request from `origin`, whether allowed or not: caches must keep answers for different origins apart. */
export function corsHeaders(policy: CorsPolicy, origin: string | undefined): Record<string, string> {
  const isAllowed = origin !== undefined && policy.allowsOrigin(origin)
  return { vary: 'Origin', ...(isAllowed ? { 'access-control-allow-origin': origin } : {}) }
}

/** What a preflight (an OPTIONS request that asks first) is told besides, whichever method it asks for. */
export function preflightHeaders(policy: CorsPolicy): Record<string, string> {
  return {
    'access-control-allow-methods': policy.methods.join(','),
    'access-control-allow-headers': 'Content-Type',
    'access-control-max-age': '60'
  }
}
