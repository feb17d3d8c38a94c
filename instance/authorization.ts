import type { IncomingMessage } from 'node:http'

import { recogniseCredential, TOKEN_LENGTH } from '../forge/contract/token-format.ts'

/** What a request presents, told by its shape alone. */
export type Credential =
  | { kind: 'none' }
  /** More than one Authorization header: nobody can say which of them counts. */
  | { kind: 'several' }
  /** Text in the form of a token, with a correct checksum. */
  | { kind: 'token'; text: string }
  /** Meant to be a token, and none; `advice` says what to do. */
  | { kind: 'unusable'; advice: string }
  /** Another scheme, or another kind of bearer: the host's own business. */
  | { kind: 'other' }

/** Reads the Authorization header (RFC 6750 section 2.1). A token in the query or the body is not looked for. */
export function readCredential(request: IncomingMessage): Credential {
  if (countAuthorizationHeaders(request) > 1) return { kind: 'several' }

  const header = request.headers.authorization?.trim()
  if (header === undefined) return { kind: 'none' }

  const [, scheme = '', value = ''] = /^(\S*)\s*(.*)$/s.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return readBearer(value)

  return recogniseCredential(scheme) === 'other'
    ? { kind: header === '' ? 'none' : 'other' }
    : { kind: 'unusable', advice: 'Write Bearer and a blank before the token in the Authorization header.' }
}

/** Node keeps only the first of several in `headers`; the raw list has them all. */
function countAuthorizationHeaders({ rawHeaders }: IncomingMessage): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (isAuthorization(rawHeaders[i])) count++
  return count
}

/** Of most names the length tells already that they are others. */
export function isAuthorization(name: string | undefined): boolean {
  return name?.length === 'authorization'.length && name.toLowerCase() === 'authorization'
}

function readBearer(value: string): Credential {
  const kind = recogniseCredential(value)
  if (kind === 'token') return { kind, text: value }

  const advice = MISTAKES.find(({ pattern }) => pattern.test(value))?.advice
  if (advice) return { kind: 'unusable', advice }

  switch (kind) {
    case 'flowfuse-platform-token':
      return { kind: 'unusable', advice: FLOWFUSE_ADVICE }
    case 'damaged-token':
      return { kind: 'unusable', advice: adviceForDamaged(value) }
    case 'other':
      return { kind }
  }
}

/**
 * What people leave in a client's config file. The texts go into `error_description`, whose characters are those of
 * RFC 6750 section 3: no quotes, no backslash, ASCII only.
 */
const MISTAKES: readonly { pattern: RegExp; advice: string }[] = [
  {
    pattern: /^$/,
    advice: 'The Authorization header holds no token. Is the variable that the config of the client names set?',
  },
  { pattern: /^bearer(\s|$)/i, advice: 'The word Bearer is there twice. Leave it out where the token is filled in.' },
  { pattern: /^["'`]|["'`]$/, advice: 'There are quotes around the token. Send it without them.' },
  {
    pattern: /\$\{.*\}|\{\{.*\}\}|^\$\w+$|^%\w+%$/s,
    advice: 'The client sent the name of a variable instead of its value. Check how its config refers to variables.',
  },
  {
    pattern: /^<.*>$|^\[.*\]$|^your[_ -]|^(token|pat|secret|changeme|x{3,}|\.{3})$/is,
    advice: 'The config of the client still holds a placeholder. Put your access token in its place.',
  },
  { pattern: /^ffpat_.*\s/s, advice: 'There is a blank or a line break inside the token. Copy it again in one piece.' },
]

const FLOWFUSE_ADVICE =
  'This is a token for the FlowFuse platform. Instances take access tokens, made under Settings, Access tokens.'

function adviceForDamaged(text: string): string {
  if (text.length < TOKEN_LENGTH) return 'The token is cut short. Copy all of it again.'
  if (text.length > TOKEN_LENGTH) return 'The token is too long. Copy it again, without what follows it.'
  return 'A character of the token is wrong: its checksum does not fit. Copy it again.'
}
