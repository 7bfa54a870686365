import { ConfigError } from '../../config/config-error.ts'
import { javaTrim } from '../../config/java-values.ts'

interface Bound {
  readonly version: string
  readonly isInclusive: boolean
}

interface Range {
  /** Null: no limit on that side. */
  readonly lower: Bound | null
  readonly upper: Bound | null
}

/**
 * Refuses a plug-in that is not of the version asked for by `connector.plugin.version` and the like: one version (`4.3.1`) or Maven
 * ranges (`[4,5)`, `(,1.0],[1.2,)`). Absent and `latest` take any. The installed version is the only one there is.
 * @throws ConfigError for a requirement that is not met or cannot be read
 */
export function requirePluginVersion(key: string, requirement: string | null | undefined, installed: string): void {
  if (requirement == null || requirement === 'latest') return
  const ranges = parseRequirement(javaTrim(requirement))
  if (ranges === undefined) {
    throw new ConfigError([{ key, value: requirement, expected: 'latest, a version, or ranges such as [4.0,5.0)' }])
  }
  if (ranges.some((range) => holds(range, installed))) return
  throw new ConfigError([{ key, value: requirement, expected: `what is installed: ${installed}` }])
}

/** Undefined when it is no requirement. */
function parseRequirement(text: string): readonly Range[] | undefined {
  if (text === '') return undefined
  const spec = /^[[(]/.test(text) ? text : `[${text}]`
  const ranges: Range[] = []
  const pattern = /\s*([[(])([^[\]()]*)([\])])\s*(,(?=\s*[[(])|$)/y
  while (pattern.lastIndex < spec.length) {
    const match = pattern.exec(spec)
    if (match === null) return undefined
    const range = parseRange(match[1] === '[', match[2] ?? '', match[3] === ']')
    const before = ranges.at(-1)?.upper
    // Ranges rise and do not overlap, as Maven has it.
    if (range === undefined || before === null) return undefined
    if (before !== undefined && (range.lower === null || compareVersions(range.lower.version, before.version) < 0))
      return undefined
    ranges.push(range)
  }
  return ranges
}

function parseRange(isLowerInclusive: boolean, inside: string, isUpperInclusive: boolean): Range | undefined {
  const [low = '', high, ...others] = inside.split(',').map((part) => part.trim())
  if (others.length > 0) return undefined
  if (high === undefined) {
    if (!isLowerInclusive || !isUpperInclusive || low === '') return undefined
    const bound = { version: low, isInclusive: true }
    return { lower: bound, upper: bound }
  }
  if (low !== '' && high !== '' && compareVersions(low, high) > 0) return undefined
  return {
    lower: low === '' ? null : { version: low, isInclusive: isLowerInclusive },
    upper: high === '' ? null : { version: high, isInclusive: isUpperInclusive }
  }
}

function holds({ lower, upper }: Range, version: string): boolean {
  const above = lower === null ? 1 : compareVersions(version, lower.version)
  const below = upper === null ? -1 : compareVersions(version, upper.version)
  return (
    (above > 0 || (above === 0 && lower?.isInclusive === true)) &&
    (below < 0 || (below === 0 && upper?.isInclusive === true))
  )
}

/** Qualifiers in their order; the empty one is the release. Others come after all of these, by the alphabet. */
const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const sameQualifiers: Readonly<Record<string, string>> = {
  ga: '',
  final: '',
  release: '',
  cr: 'rc',
  a: 'alpha',
  b: 'beta',
  m: 'milestone'
}

/** Maven's order of versions, without its difference between `1-1` and `1.1`: negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [partsOfA, partsOfB] = [versionParts(a), versionParts(b)]
  for (let index = 0; index < Math.max(partsOfA.length, partsOfB.length); index += 1) {
    const order = compareParts(partsOfA[index], partsOfB[index])
    if (order !== 0) return order
  }
  return 0
}

type Part = bigint | string

function versionParts(version: string): Part[] {
  return (version.toLowerCase().match(/\d+|[a-z_+]+/g) ?? []).map((part) =>
    /^\d/.test(part) ? BigInt(part) : (sameQualifiers[part] ?? part)
  )
}

/** What is missing counts as 0 beside a number and as the release beside a qualifier; numbers are newer than qualifiers. */
function compareParts(a: Part | undefined, b: Part | undefined): number {
  const left = a ?? (typeof b === 'bigint' ? 0n : '')
  const right = b ?? (typeof a === 'bigint' ? 0n : '')
  if (typeof left === 'bigint' && typeof right === 'bigint') return left === right ? 0 : left < right ? -1 : 1
  if (typeof left === 'string' && typeof right === 'string') {
    const [x, y] = [qualifierRank(left), qualifierRank(right)]
    if (x !== y) return x - y
    return left === right ? 0 : left < right ? -1 : 1
  }
  return typeof left === 'bigint' ? 1 : -1
}

function qualifierRank(qualifier: string): number {
  const rank = qualifiers.indexOf(qualifier)
  return rank === -1 ? qualifiers.length : rank
}
