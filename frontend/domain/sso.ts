import type { SsoProblem } from '@contract/sso.ts'
import { t } from '../messages/messages.ts'

/** Why the way through a provider ended on the sign-in page, and what to do. */
const PROBLEMS: Record<SsoProblem, (provider: string) => string> = {
  provider_unavailable: (provider) => t.ssoWords.doesNotAnswerRight(provider),
  denied: (provider) => t.ssoWords.didNotLetYou(provider),
  expired: () => t.ssoWords.thatTookTooLong,
  invalid_answer: (provider) => t.ssoWords.theAnswerOfWas(provider),
  email_not_verified: (provider) => t.ssoWords.hasNotVerifiedYour(provider),
  foreign_domain: (provider) => t.ssoWords.doesNotVouchFor(provider),
  account_taken: () => t.ssoWords.theAccountWithYour,
  no_account: () => t.ssoWords.youHaveNoAccount,
  suspended: () => t.ssoWords.thisAccountIsSuspended,
  groups_missing: (provider) => t.ssoWords.saidNothingAboutYour(provider),
  disabled: (provider) => t.ssoWords.nobodyCanSignIn(provider),
}

const isProblem = (text: unknown): text is SsoProblem => typeof text === 'string' && Object.hasOwn(PROBLEMS, text)

/** The sentence for what the address of the sign-in page says; empty for nothing that is known. */
export function describeProblem(problem: unknown, provider: unknown): string {
  if (!isProblem(problem)) return ''
  return PROBLEMS[problem](typeof provider === 'string' && provider !== '' ? provider : t.ssoWords.theIdentityProvider)
}
