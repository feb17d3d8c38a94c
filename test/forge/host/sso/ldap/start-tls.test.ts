import { createServer, connect, type AddressInfo } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { askForTls } from '../../../../../forge/host/sso/ldap/start-tls.ts'

const YES = '300c02010178070a010004000400'
const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

/** What comes of a directory that answers StartTLS with these bytes, one write after the other. */
async function asked(...answers: string[]): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      for (const answer of answers) socket.write(Buffer.from(answer, 'hex'))
      if (answers.at(-1) === '') socket.end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  closers.push(() => {
    socket.destroy()
    server.close()
  })
  return askForTls(socket).then(
    () => 'yes',
    (error: unknown) => (error as Error).message,
  )
}

describe('askForTls', () => {
  it('takes a yes, in short and in long form, whole or in pieces', async () => {
    expect(await asked(YES)).toBe('yes')
    expect(await asked('308400000010020101788400000007' + '0a010004000400')).toBe('yes')
    expect(await asked(YES.slice(0, 6), YES.slice(6))).toBe('yes')
  })

  it('takes no other answer', async () => {
    expect(await asked('300c02010178070a013404000400')).toMatch(/result code 52/)
    expect(await asked('300c02010161070a010004000400')).toMatch(/result code null/)
    expect(await asked('')).toMatch(/closed before/)
    expect(await asked('485454502f312e3120343030')).not.toBe('yes')
  })

  it('takes nothing that was put behind it before TLS began', async () => {
    // A bind that succeeded, as if the directory had said so, whole or begun.
    expect(await asked(YES + '300c02010261070a010004000400')).toBe('the answer to StartTLS is not one message')
    expect(await asked(YES + '30')).toBe('the answer to StartTLS is not one message')
  })
})
