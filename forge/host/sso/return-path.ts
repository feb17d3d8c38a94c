/**
 * Where to go after signing in: a path of this forge, or its first page for anything that would lead elsewhere.
 * @param wished what an address said, so anything
 */
export function returnPath(baseUrl: string, wished: string | undefined): string {
  const base = new URL(`${baseUrl}/`)
  // A browser takes a backslash for a slash, and drops tabs and line breaks.
  if (!wished || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wished) || wished.length > 2000) return '/'

  const url = URL.canParse(baseUrl + wished) ? new URL(baseUrl + wished) : null
  if (!url || url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return '/'
  const path = url.href.slice(baseUrl.length)
  return path.startsWith('//') ? '/' : path
}
