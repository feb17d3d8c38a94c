/** What somebody said of a client, fit to be kept and shown; null when they said nothing. */
export function printable(text: string | undefined, maxLength: number): string | null {
  return (
    text
      ?.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, ' ')
      .trim()
      .slice(0, maxLength) || null
  )
}
