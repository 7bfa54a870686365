import { type SendToken } from './sasl-mechanism.ts'

/** SASL PLAIN (RFC 4616): one token `[authzid] NUL authcid NUL passwd`. The authorization identity is left to the broker. */
export async function authenticatePlain(
  { username, password }: { readonly username: string; readonly password: string },
  send: SendToken
): Promise<void> {
  await send(Buffer.from(`\0${username}\0${password}`))
}
