/** The same characters that the contract refuses in names: controls, line separators, bidirectional overrides. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** What is wrong with a name, or null. @param what the name of the field in a sentence, as in "a name" */
export function checkName(text: string, what: string, maxLength = 100): string | null {
  if (text.trim() === '') return `Enter ${what}.`
  if (text.trim().length > maxLength) return `Use at most ${maxLength} characters.`
  return UNSEEN.test(text) ? 'Remove the characters that cannot be seen.' : null
}

/** What is wrong with a new password, or null. */
export function checkNewPassword(text: string): string | null {
  if (text.length < 8) return 'Use at least 8 characters.'
  return text.length > 256 ? 'Use at most 256 characters.' : null
}

/** What is wrong with a user name, or null. */
export function checkUsername(text: string): string | null {
  if (text === '') return 'Enter a user name.'
  if (text.length > 40) return 'Use at most 40 characters.'
  if (/^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text)) return null
  return 'Use letters, digits, dots, hyphens and underscores, with a letter or digit at both ends.'
}

/** What is wrong with an e-mail address, or null. Only slips: whether it exists, nobody can tell from its form. */
export function checkEmail(text: string): string | null {
  if (text === '') return 'Enter an e-mail address.'
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 254 ? null : 'Enter an address such as alice@example.com.'
}

/** What is wrong with the address of an instance, or null. */
export function checkInstanceUrl(text: string): string | null {
  if (text === '') return 'Enter the address at which people reach the instance.'
  if (text.length > 500) return 'Use at most 500 characters.'
  if (/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/.test(text)) return null
  return 'Enter an http or https address without user name, query or fragment, such as https://line-4.example.com.'
}

/** What is wrong with the reason that the owners of a team read, or null. */
export function checkReason(text: string): string | null {
  if (text.trim() === '') return 'Say why, for the owner who decides.'
  if (text.trim().length > 1000) return 'Use at most 1000 characters.'
  return /\p{Cc}/u.test(text) ? 'Write it on one line, without control characters.' : null
}
