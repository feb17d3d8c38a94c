import { createTransport } from 'nodemailer'

import type { Mail } from './mail.ts'

export interface MailOptions {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
  transportUrl: string
  /** `Forge <forge@example.com>` */
  from: string
}

/**
 * What became of a mail. `refused`: the server will never take this one. `failed`: it may later. `away`: there was no
 * talking to the server, so the next mail would fare no better. `detail` names nobody.
 */
export type Delivery = { outcome: 'sent' } | { outcome: 'refused' | 'failed' | 'away'; detail: Record<string, unknown> }

export interface Mailer {
  send(mail: Mail): Promise<Delivery>
}

/** A closing forge waits for the mail that is under way, so a server that is silent must not hold it for long. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 }

/** Sends mails over SMTP, each on a connection of its own: they are few. */
export function createMailer({ transportUrl, from }: MailOptions): Mailer {
  const transport = createTransport(
    { url: transportUrl, ...TIMEOUTS },
    // Nothing in a mail of ours is ever read from a file or an address.
    { from, disableFileAccess: true, disableUrlAccess: true },
  )

  return {
    async send({ id, to, subject, text, html }) {
      try {
        await transport.sendMail({
          // As an object, an address is never parsed: a name can't bring a second one.
          to: { name: to.name, address: to.email },
          subject,
          text,
          html,
          messageId: `<${id}@${domainOf(from)}>`,
          // No out-of-office answers (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        return { outcome: 'sent' }
      } catch (error) {
        return whatFailed(error)
      }
    },
  }
}

/** @param from an address, with or without a name before it */
function domainOf(from: string): string {
  return /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
}

interface SmtpError {
  code?: string
  command?: string
  responseCode?: number
}

/** Commands that are about this one mail; a refusal of any other is about us or the server (RFC 5321 section 3.3). */
const MAIL_COMMANDS = ['RCPT TO', 'DATA']

/** The error's text may quote the address and what the server says about it, so only codes are passed on. */
function whatFailed(error: unknown): Delivery {
  const { code, command, responseCode } = error as SmtpError
  const detail = { code, command, responseCode }

  if (responseCode === undefined || !MAIL_COMMANDS.includes(command ?? '')) return { outcome: 'away', detail }
  return { outcome: responseCode >= 500 ? 'refused' : 'failed', detail }
}
