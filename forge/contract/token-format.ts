/**
 * The text of a token (docs/adr/0001):
 * `ffpat_` + selector (12 base62) + `_` + secret (43 base62) + checksum (6 base62, CRC-32 of everything before it).
 * To users it is opaque, at most 255 characters.
 */
export const TOKEN_PREFIX = 'ffpat_'
export const TOKEN_PATTERN = /^ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/
export const TOKEN_LENGTH = 68
const CHECKSUM_LENGTH = 6

/** FlowFuse's own platform tokens carry the same prefix; length and shape tell them apart. */
const FLOWFUSE_PLATFORM_TOKEN = /^ffpat_[0-9A-Za-z_-]{43}$/

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export interface TokenParts {
  selector: string
  secret: string
}

/** Splits a well-formed token with a correct checksum; null for every other text. Nothing secret is decided here. */
export function parseToken(text: string): TokenParts | null {
  if (text.length !== TOKEN_LENGTH || !TOKEN_PATTERN.test(text)) return null

  const body = text.slice(0, -CHECKSUM_LENGTH)
  if (checksum(body) !== text.slice(-CHECKSUM_LENGTH)) return null

  return { selector: text.slice(6, 18), secret: text.slice(19, -CHECKSUM_LENGTH) }
}

/** The token's text for a selector and a secret. */
export function formatToken({ selector, secret }: TokenParts): string {
  const body = `${TOKEN_PREFIX}${selector}_${secret}`
  return body + checksum(body)
}

/** CRC-32 as 6 base62 digits, zero-padded. Finds slips of the hand, not attackers. */
export function checksum(body: string): string {
  let rest = crc32(body)
  let digits = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = BASE62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

export type CredentialKind = 'token' | 'flowfuse-platform-token' | 'damaged-token' | 'other'

/** Tells what kind of bearer credential a text is, by its shape alone. */
export function recogniseCredential(text: string): CredentialKind {
  if (parseToken(text)) return 'token'
  if (FLOWFUSE_PLATFORM_TOKEN.test(text)) return 'flowfuse-platform-token'
  return text.startsWith(TOKEN_PREFIX) ? 'damaged-token' : 'other'
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function crc32(ascii: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < ascii.length; i++) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ ascii.charCodeAt(i)) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
