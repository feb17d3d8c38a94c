import type { NoticeContent } from '../contract/notice.ts'
import { oneLine, wordsFor } from './words.ts'

export interface Recipient {
  email: string
  name: string
}

/** A mail, ready to be sent. */
export interface Mail {
  /** Made from the notice, so that a mailbox that is given one mail twice can tell. */
  id: string
  to: Recipient
  subject: string
  text: string
  html: string
}

/**
 * Puts a notice into a mail.
 * @param forgeUrl the forge's own address, with its mount path
 */
export function composeMail(id: string, content: NoticeContent, to: Recipient, forgeUrl: string): Mail {
  const { title, lines } = wordsFor(content)
  const name = oneLine(to.name, 100)
  const pageUrl = `${forgeUrl.replace(/\/$/, '')}/settings/tokens`
  const greeting = name ? `Hello ${name},` : 'Hello,'
  const reason = `You get this mail because you have an account at ${forgeUrl}.`

  return {
    id,
    to: { email: to.email, name },
    subject: title,
    text: [greeting, `${title}.`, lines.join('\n'), `Your tokens: ${pageUrl}`, `--\n${reason}`].join('\n\n') + '\n',
    html: [
      '<!doctype html>',
      '<html lang="en"><body>',
      paragraph(greeting),
      `<p><strong>${escapeHtml(title)}.</strong></p>`,
      ...lines.map(paragraph),
      `<p><a href="${escapeHtml(pageUrl)}">Your tokens</a></p>`,
      `<p><small>${escapeHtml(reason)}</small></p>`,
      '</body></html>',
    ].join('\n'),
  }
}

/**
 * Whether an address is one that we write to: one mailbox, without anything that means more to a mail server. Stricter
 * than RFC 5321, which allows quoted spaces and commas that nobody uses but who wants to add a recipient.
 */
export function isPlainAddress(email: string): boolean {
  return email.length <= 254 && /^[^\s\p{Cc}"(),:;<>@[\]\\]+@[^\s\p{Cc}"(),:;<>@[\]\\]+$/u.test(email)
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
