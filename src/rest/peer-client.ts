/** A request to another worker. */
export interface PeerRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent byte for byte: a signature covers it. */
  readonly body: Buffer | undefined
}

export interface PeerAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** HTTP to other workers of the group. Rejects with MIRROR_NETWORK or MIRROR_TIMEOUT; follows no redirect. */
export interface PeerClient {
  send(request: PeerRequest): Promise<PeerAnswer>
}
