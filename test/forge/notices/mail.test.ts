import { describe, expect, it } from 'vitest'

import type { NoticeContent } from '../../../forge/contract/notice.ts'
import { composeMail, isPlainAddress } from '../../../forge/notices/mail.ts'

const alice = { email: 'alice@example.com', name: 'Alice Arnold' }
const revoked = (name: string, by = 'Olga'): NoticeContent => ({
  kind: 'token-revoked',
  body: { token: { id: 't1', name }, by, reach: null },
})

describe('composeMail', () => {
  it('writes the notice as text', () => {
    const mail = composeMail('n1', revoked('Claude Code'), alice, 'https://example.com/pat')

    expect(mail).toMatchObject({ id: 'n1', to: alice, subject: 'Your token “Claude Code” was revoked' })
    expect(mail.text).toBe(
      [
        'Hello Alice Arnold,',
        '',
        'Your token “Claude Code” was revoked.',
        '',
        '“Olga” did it.',
        'It works nowhere any more. Revoking is final; mint a new token if you need one.',
        '',
        'Your tokens: https://example.com/pat/settings/tokens',
        '',
        '--',
        'You get this mail because you have an account at https://example.com/pat.',
        '',
      ].join('\n'),
    )
  })

  it('escapes everything in the HTML', () => {
    const { html } = composeMail(
      'n1',
      revoked('<img src=x onerror=alert(1)>', `"'&`),
      alice,
      'https://example.com/?a=1&b=2',
    )

    expect(html).not.toContain('<img')
    expect(html).toContain('“&lt;img src=x onerror=alert(1)&gt;”')
    expect(html).toContain('“&quot;&#39;&amp;” did it.')
    expect(html).toContain('href="https://example.com/?a=1&amp;b=2/settings/tokens"')
  })

  it('keeps names on one line', () => {
    const eve = { email: 'eve@example.com', name: 'Eve\r\nBcc: victim@example.com' }
    const mail = composeMail('n1', revoked('a\r\nSubject: b'), eve, 'https://example.com')

    expect(mail.to.name).toBe('Eve Bcc: victim@example.com')
    expect(mail.subject).toBe('Your token “a Subject: b” was revoked')
  })

  it('greets somebody without a name', () => {
    const { text } = composeMail('n1', revoked('a'), { email: 'a@example.com', name: ' ' }, 'https://example.com')
    expect(text.split('\n')[0]).toBe('Hello,')
  })
})

describe('isPlainAddress', () => {
  it.each(['alice@example.com', "o'neill+mail@sub.example.com", 'jörg@example.com', 'root@localhost'])(
    'takes %s',
    (address) => {
      expect(isPlainAddress(address)).toBe(true)
    },
  )

  it.each([
    '',
    'alice',
    'a@example.com,b@example.com',
    'a@example.com b@example.com',
    'a@example.com\r\nRCPT TO:<b@example.com>',
    '<a@example.com>',
    'Alice <a@example.com>',
    '"a b"@example.com',
    'group:a@example.com;',
    'a@b@example.com',
    'a\0@example.com',
    `${'a'.repeat(250)}@example.com`,
  ])('refuses %j', (address) => {
    expect(isPlainAddress(address)).toBe(false)
  })
})
