import type { NoticeBody, NoticeContent } from '../contract/notice.ts'

/** What a person reads, on the page and in the mail. Plain text: whoever shows it escapes it. */
export interface Words {
  title: string
  lines: string[]
}

/** Puts a notice into words. Names and reasons come from other people, so they stand in quotes, on one line, bounded. */
export function wordsFor(content: NoticeContent): Words {
  switch (content.kind) {
    case 'tokens-end':
      return tokensEnd(content.body)
    case 'token-revoked':
      return tokenRevoked(content.body)
    case 'retired-token-used':
      return retiredTokenUsed(content.body)
    case 'token-leaked':
      return tokenLeaked(content.body)
    case 'approval-requested':
      return approvalRequested(content.body)
    case 'approval-decided':
      return approvalDecided(content.body)
    case 'policy-changed':
      return policyChanged(content.body)
  }
}

type EndingToken = NoticeBody<'tokens-end'>['tokens'][number]

/** A list in a notice names so many; the page has them all. */
const MAX_LISTED = 50

function tokensEnd({ tokens }: NoticeBody<'tokens-end'>): Words {
  const sorted = [...tokens].sort((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt))
  const [first] = sorted
  const advice = tokens.every((token) => token.ended)
    ? 'Whatever used it is refused now. Mint a new token if it is still needed.'
    : 'Whatever uses it is refused from then on. Replace it before, if it is still needed.'

  return {
    title: first && tokens.length === 1 ? `Your token ${quoted(first.name)} ${ends(first)}` : severalEnd(tokens),
    lines: [
      ...listed(sorted, (token) => `${quoted(token.name)} ${ends(token)}, on ${moment(token.expiresAt)}.`),
      advice,
    ],
  }
}

function severalEnd(tokens: EndingToken[]): string {
  const ended = tokens.some((token) => token.ended)
  return `${tokens.length} of your tokens ${ended ? 'have ended or end soon' : 'end soon'}`
}

function ends({ daysLeft, ended }: EndingToken): string {
  if (ended) return 'has ended'
  if (daysLeft <= 0) return 'ends today'
  return daysLeft === 1 ? 'ends tomorrow' : `ends in ${daysLeft} days`
}

function tokenRevoked({ token, by, reach }: NoticeBody<'token-revoked'>): Words {
  const where = reach ? ` for the ${reach.type} ${quoted(reach.name)}` : ''
  return {
    title: `Your token ${quoted(token.name)} was revoked${where}`,
    lines: [
      `${quoted(by)} did it.`,
      reach
        ? 'It still works elsewhere.'
        : 'It works nowhere any more. Revoking is final; mint a new token if you need one.',
    ],
  }
}

function retiredTokenUsed({ token, at, instance, client, address }: NoticeBody<'retired-token-used'>): Words {
  return {
    title: `Somebody used your retired token ${quoted(token.name)}`,
    lines: [
      `It was refused on ${moment(at)}.`,
      ...(instance ? [`Instance: ${quoted(instance.name)}.`] : []),
      ...(client ? [`Client, as it calls itself: ${quoted(client)}.`] : []),
      ...(address ? [`Address: ${oneLine(address, 64)}.`] : []),
      'If you forgot a client when you replaced the token, give it the new one. ' +
        'If it was not you, somebody has a copy of the old one: revoke the whole family on the tokens page.',
    ],
  }
}

function tokenLeaked({ token, at, source, url }: NoticeBody<'token-leaked'>): Words {
  const how = {
    holder: 'Somebody who has its text handed it in as leaked',
    github: "GitHub's secret scanning found its text",
  }
  return {
    title: `Your token ${quoted(token.name)} leaked and was revoked`,
    lines: [
      `${how[source]} on ${moment(at)}.`,
      ...(url ? [`Found at: ${oneLine(url, 500)}`] : []),
      'Look at its last uses on the tokens page, and mint a new token for what needs one.',
    ],
  }
}

function approvalRequested(body: NoticeBody<'approval-requested'>): Words {
  return {
    title: `${quoted(body.requester)} asks you to approve a token for ${place(body)}`,
    lines: [
      `Token: ${quoted(body.token.name)}.`,
      `Reason: ${quoted(body.reason, 500)}`,
      'It does not work there until an owner of the team has approved it.',
    ],
  }
}

function approvalDecided(body: NoticeBody<'approval-decided'>): Words {
  return {
    title: `Your token ${quoted(body.token.name)} was ${body.decision} for ${place(body)}`,
    lines: [
      `${quoted(body.by)} decided it.`,
      body.decision === 'approved' ? 'It works there from now on.' : 'It does not work there.',
    ],
  }
}

function place({ team, instance }: Pick<NoticeBody<'approval-decided'>, 'team' | 'instance'>): string {
  return instance ? `the instance ${quoted(instance.name)}` : `the team ${quoted(team.name)}`
}

function policyChanged({ team, by, tokens }: NoticeBody<'policy-changed'>): Words {
  const effects = { stopped: 'no longer works there', limited: 'may do less there' }
  return {
    title: `The team ${quoted(team.name)} changed its rules for tokens`,
    lines: [
      `${quoted(by)} did it. It affects what you hold:`,
      ...listed(tokens, (token) => `${quoted(token.name)} ${effects[token.effect]}.`),
    ],
  }
}

function listed<Item>(items: Item[], line: (item: Item) => string): string[] {
  const more = items.length - MAX_LISTED
  return [...items.slice(0, MAX_LISTED).map(line), ...(more > 0 ? [`And ${more} more.`] : [])]
}

/** Quotation marks of its own could end ours early, and say something in our name. */
function quoted(text: string, maxLength = 100): string {
  return `“${oneLine(text, maxLength).replace(/[“”]/g, '"')}”`
}

/**
 * Text of somebody else, fit to stand in a sentence of ours: no line breaks or other control characters, nothing that
 * turns the direction of reading, not too long. @param maxLength in UTF-16 code units
 */
export function oneLine(text: string, maxLength: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim()
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1).replace(/\p{Cs}$/u, '')}…` : clean
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

/** `7 December 2026, 10:00 UTC`: mails are read in any time zone. */
function moment(iso: string): string {
  const time = new Date(iso)
  return `${DAY.format(time)}, ${time.toISOString().slice(11, 16)} UTC`
}
