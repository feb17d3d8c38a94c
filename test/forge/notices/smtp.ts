import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { SMTPServer } from 'smtp-server'

/** A mail as it reached the server. */
export interface ReceivedMail {
  recipients: string[]
  /** One entry per header field, unfolded. */
  headers: string[]
  raw: string
}

/** How the server answers; everything is accepted unless a field says otherwise. */
export interface SmtpBehaviour {
  /** Answers to recipients, by address. */
  recipients?: Record<string, number>
  /** Answer to MAIL FROM. */
  sender?: number
}

export interface TestSmtpServer {
  port: number
  url: string
  received: ReceivedMail[]
  close(): Promise<void>
}

const refusal = (responseCode: number | undefined, message: string) =>
  responseCode === undefined ? null : Object.assign(new Error(message), { responseCode })

/** A real SMTP server on a port of its own. @param port to come back at the same one */
export async function startSmtpServer(behaviour: SmtpBehaviour = {}, port = 0): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onMailFrom: (_address, _session, answer) => answer(refusal(behaviour.sender, 'not from you')),
    onRcptTo: ({ address }, _session, answer) =>
      answer(refusal(behaviour.recipients?.[address], `no <${address}> here`)),
    onData(stream, session, answer) {
      void text(stream).then((raw) => {
        const [head = ''] = raw.split('\r\n\r\n')
        received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          headers: head.replace(/\r\n[ \t]+/g, ' ').split('\r\n'),
          raw,
        })
        answer(null)
      })
    },
  })
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')

  const { port: actual } = server.server.address() as AddressInfo
  return {
    port: actual,
    url: `smtp://127.0.0.1:${actual}`,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
