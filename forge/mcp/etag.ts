/** A strong entity tag (RFC 9110 section 8.8.3). @param version letters, digits, `_` and `-` */
export function etagOf(version: string): string {
  return `"${version}"`
}

/** Whether `If-Match` or `If-None-Match` names this version (RFC 9110 section 13.1). */
export function names(header: string, version: string): boolean {
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etagOf(version))
}
