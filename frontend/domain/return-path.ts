/**
 * The page to go to after signing in, from the address of the sign-in page. Whatever is not plainly a path of this
 * forge becomes the start page, so that a link to the sign-in page cannot lead anywhere else.
 */
export function safeReturnPath(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value)) return '/'
  return /[\\\p{Cc}]/u.test(value) ? '/' : value
}

/** The code in the fragment of a set-up link; empty without one. The fragment never reaches a server or its log. */
export function setupCodeOf(hash: string): string {
  const text = hash.replace(/^#/, '')
  return text.startsWith('code=') ? (new URLSearchParams(text).get('code') ?? '') : decodeFragment(text)
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
