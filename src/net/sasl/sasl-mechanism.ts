import { MirrorError } from '../../base/errors.ts'

/** Sends one token to the broker and returns the token that it answers with. */
export type SendToken = (token: Buffer) => Promise<Buffer>

/** Why the broker, or what it answered, is not accepted. Repeating it with the same settings is of no use. */
export class AuthenticationError extends MirrorError {
  constructor(message: string, cause?: unknown) {
    super('MIRROR_AUTHENTICATION', message, { cause })
  }
}
