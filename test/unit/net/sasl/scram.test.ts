import { expect, test } from 'vitest'
import { authenticateScram } from '../../../../src/net/sasl/scram.ts'

// RFC 7677 part 3.
const credentials = { mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' } as const
const nonce = 'rOprNGfwEbeRWgbNEkqO'
const serverFirst = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

/** Answers with these messages in turn and notes what was sent. */
function server(...answers: string[]): { sent: string[]; send: (token: Buffer) => Promise<Buffer> } {
  const sent: string[] = []
  const send = async (token: Buffer): Promise<Buffer> => {
    sent.push(token.toString())
    return await Promise.resolve(Buffer.from(answers.shift() ?? ''))
  }
  return { sent, send }
}

test('SCRAM-SHA-256 sends the messages of RFC 7677', async () => {
  const { sent, send } = server(serverFirst, serverFinal)
  await authenticateScram(credentials, nonce, send)
  expect(sent).toEqual([
    'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
  ])
})

test('comma and equals sign in a user name are escaped', async () => {
  const { sent, send } = server()
  await authenticateScram({ ...credentials, username: 'a=b,c' }, nonce, send).catch(() => undefined)
  expect(sent).toEqual(['n,,n=a=3Db=2Cc,r=rOprNGfwEbeRWgbNEkqO'])
})

const refused: [string, string, string, RegExp][] = [
  ['a signature of somebody else', serverFirst, `v=${Buffer.alloc(32).toString('base64')}`, /impostor/],
  ['no signature', serverFirst, 'v=', /impostor/],
  ['an error instead of a signature', serverFirst, 'e=other-error', /other-error/],
  ['an error at once', 'e=unknown-user', '', /unknown-user/],
  ['a nonce that is not ours', serverFirst.replace('r=rOpr', 'r=xOpr'), serverFinal, /nonce/],
  ['a nonce that is only ours', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, serverFinal, /nonce/],
  ['too few iterations', serverFirst.replace('4096', '4095'), serverFinal, /4095/],
  ['so many iterations that it takes minutes', serverFirst.replace('4096', '100000000'), serverFinal, /100000000/],
  ['an extension that we must understand', `m=x,${serverFirst}`, serverFinal, /malformed/],
  ['no salt', serverFirst.replace(/s=[^,]*,/, ''), serverFinal, /malformed/]
]

test.each(refused)('a broker with %s is refused', async (_, first, final, reason) => {
  const { sent, send } = server(first, final)
  await expect(authenticateScram(credentials, nonce, send)).rejects.toMatchObject({
    code: 'MIRROR_AUTHENTICATION',
    message: expect.stringMatching(reason) as string
  })
  // The proof is worth something to an attacker: it goes only to a broker whose first message is in order.
  expect(sent.length).toBe(first === serverFirst ? 2 : 1)
})
