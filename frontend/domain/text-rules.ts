import { t } from '../messages/messages.ts'

/** The same characters that the contract refuses in names: controls, line separators, bidirectional overrides. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** What is wrong with a name, or null. @param missing what to say where there is none */
export function checkName(text: string, missing: string, maxLength = 100): string | null {
  if (text.trim() === '') return missing
  if (text.trim().length > maxLength) return t.textRulesWords.useAtMostCharacters(maxLength)
  return UNSEEN.test(text) ? t.textRulesWords.removeTheCharactersThat : null
}

/** What is wrong with a new password, or null. */
export function checkNewPassword(text: string): string | null {
  if (text.length < 8) return t.textRulesWords.passwordTooShort
  return text.length > 256 ? t.textRulesWords.passwordTooLong : null
}

/** What is wrong with a user name, or null. */
export function checkUsername(text: string): string | null {
  if (text === '') return t.textRulesWords.enterAUserName
  if (text.length > 40) return t.textRulesWords.usernameTooLong
  if (/^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text)) return null
  return t.textRulesWords.useLettersDigitsDots
}

/** What is wrong with an e-mail address, or null. Only slips: whether it exists, nobody can tell from its form. */
export function checkEmail(text: string): string | null {
  if (text === '') return t.textRulesWords.enterAnEMail
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 254 ? null : t.textRulesWords.enterAnAddressSuch
}

/** What is wrong with the address of an instance, or null. */
export function checkInstanceUrl(text: string): string | null {
  if (text === '') return t.textRulesWords.enterTheAddressAt
  if (text.length > 500) return t.textRulesWords.addressTooLong
  if (/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/.test(text)) return null
  return t.textRulesWords.enterAnHttpOr
}

/** What is wrong with the reason that the owners of a team read, or null. */
export function checkReason(text: string): string | null {
  if (text.trim() === '') return t.textRulesWords.sayWhyForThe
  if (text.trim().length > 1000) return t.textRulesWords.reasonTooLong
  return /\p{Cc}/u.test(text) ? t.textRulesWords.writeItOnOne : null
}
