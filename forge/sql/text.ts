/** Text as any database keeps it and gives it back: no NUL, no half of a surrogate pair. */
export function storableText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '')
}

/** An order that is the same on every database, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Text that a client chose, fit to be kept and shown on one line; null when there is none. */
export function printableText(text: string | undefined, maxLength: number): string | null {
  const plain = text?.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, ' ')
  return plain === undefined ? null : storableText(plain.trim().slice(0, maxLength)) || null
}
