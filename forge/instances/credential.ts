import type { InstanceCredential } from '../directory/directory.ts'

const B64_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The instance credential in an Authorization header: a bearer (RFC 6750 section 2.1), or HTTP Basic with the
 * instance's id and its credential, each form-encoded (RFC 6749 section 2.3.1). Null for anything else.
 */
export function readInstanceCredential(authorization: string | undefined): InstanceCredential | null {
  const [, scheme, value] = /^(\w+) +(\S+) *$/.exec(authorization ?? '') ?? []
  if (!scheme || !value) return null

  switch (scheme.toLowerCase()) {
    case 'bearer':
      return B64_TOKEN.test(value) ? { secret: value } : null
    case 'basic':
      return BASE64.test(value) ? readBasic(value) : null
    default:
      return null
  }
}

function readBasic(value: string): InstanceCredential | null {
  const [, id, secret] = /^([^:]+):(.+)$/.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  const claimedInstanceId = formDecode(id)
  const decodedSecret = formDecode(secret)
  if (!claimedInstanceId || !decodedSecret) return null

  return { secret: decodedSecret, claimedInstanceId }
}

function formDecode(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}
