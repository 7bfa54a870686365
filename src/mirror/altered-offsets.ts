type JsonMap = Readonly<Record<string, unknown>>

/** The reason why an operator may not set this offset of this partition (spec 6.9); undefined when it is fine. */
type OffsetCheck = (partition: JsonMap, offset: JsonMap | null) => string | undefined

/** A null offset, which forgets the position, goes with any partition: so that odd entries can be taken out. */
export const checkSourceOffset: OffsetCheck = (partition, offset) => {
  if (offset === null) return undefined
  const problem =
    wrongText(partition, 'cluster') ?? wrongText(partition, 'topic') ?? wrongNumber(partition, 'partition')
  return problem ?? wrongNumber(offset, 'offset')
}

/** For connectors whose positions mean nothing and are always 0. */
export function constantOffsetCheck(textKeys: readonly string[], numberKeys: readonly string[] = []): OffsetCheck {
  return (partition, offset) => {
    if (offset === null) return undefined
    const problems = [
      ...textKeys.map((key) => wrongText(partition, key)),
      ...numberKeys.map((key) => wrongNumber(partition, key))
    ]
    const isZero = offset['offset'] === 0n || offset['offset'] === 0
    return problems.find((problem) => problem !== undefined) ?? (isZero ? undefined : `The 'offset' must be 0`)
  }
}

function wrongText(map: JsonMap, key: string): string | undefined {
  return typeof map[key] === 'string' ? undefined : `'${key}' must be a string`
}

function wrongNumber(map: JsonMap, key: string): string | undefined {
  const value = map[key]
  const isNumber = typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && Number(value) >= 0
  return isNumber ? undefined : `'${key}' must be an integer of 0 or more`
}
