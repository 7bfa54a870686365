/**
 * The first `errorCode` of a decoded response that is among `codes`, at any depth, or 0. Each API carries its error code
 * elsewhere (top level, per group, per partition), and a moved coordinator shows in any of them.
 */
export function findErrorCode(response: unknown, codes: ReadonlySet<number>): number {
  if (typeof response !== 'object' || response === null || ArrayBuffer.isView(response)) return 0
  if ('errorCode' in response && typeof response.errorCode === 'number' && codes.has(response.errorCode)) {
    return response.errorCode
  }
  for (const member of Object.values(response)) {
    const found = findErrorCode(member, codes)
    if (found !== 0) return found
  }
  return 0
}

/** Milliseconds that the broker asks to keep quiet (KIP-219); 0 where the response has no such field. */
export function throttleTimeOf(response: unknown): number {
  if (typeof response !== 'object' || response === null || !('throttleTimeMs' in response)) return 0
  return typeof response.throttleTimeMs === 'number' ? response.throttleTimeMs : 0
}
