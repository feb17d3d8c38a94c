import type { IncomingMessage } from 'node:http'

import { readableSelector, recogniseSlip } from '../forge/contract/recognise-slip.ts'
import type { Slip } from '../forge/contract/slips.ts'
import { recogniseCredential } from '../forge/contract/token-format.ts'

/** What a request presents, told by its shape alone. */
export type Credential =
  | { kind: 'none' }
  /** More than one Authorization header: nobody can say which of them counts. */
  | { kind: 'several' }
  /** Text in the form of a token, with a correct checksum. */
  | { kind: 'token'; text: string }
  /** Meant to be a token, and none; `advice` says what to do. Of the text itself nothing is kept but its public part. */
  | { kind: 'unusable'; advice: string; slip: Slip | null; selector: string | null }
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
    : { kind: 'unusable', advice: NO_SCHEME, slip: null, selector: null }
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
  if (recogniseCredential(value) === 'token') return { kind: 'token', text: value }

  const slip = recogniseSlip(value)
  return slip === null
    ? { kind: 'other' }
    : { kind: 'unusable', advice: ADVICE[slip], slip, selector: readableSelector(value) }
}

const NO_SCHEME = 'Write Bearer and a blank before the token in the Authorization header.'

/**
 * What a client is told. The texts go into `error_description`, whose characters are those of RFC 6750 section 3: no
 * quotes, no backslash, ASCII only.
 */
const ADVICE: Record<Slip, string> = {
  empty: 'The Authorization header holds no token. Is the variable that the config of the client names set?',
  doubled_bearer: 'The word Bearer is there twice. Leave it out where the token is filled in.',
  quoted: 'There are quotes around the token. Send it without them.',
  not_expanded:
    'The client sent the name of a variable instead of its value. Check how its config refers to variables.',
  placeholder: 'The config of the client still holds a placeholder. Put your access token in its place.',
  blank_inside: 'There is a blank or a line break inside the token. Copy it again in one piece.',
  truncated: 'The token is cut short. Copy all of it again.',
  too_long: 'The token is too long. Copy it again, without what follows it.',
  wrong_character: 'A character of the token is wrong: its checksum does not fit. Copy it again.',
  flowfuse_platform_token:
    'This is a token for the FlowFuse platform. Instances take access tokens, made under Settings, Access tokens.',
}
