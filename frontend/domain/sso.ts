import type { ProviderInput, Provider, SsoProblem } from '@contract/sso.ts'
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

/** A provider as it is typed in: lists are lines. */
export interface ProviderForm {
  name: string
  enabled: boolean
  issuer: string
  clientId: string
  clientSecret: string
  domains: string
  teams: string
  scopes: string
  groupsClaim: string
  trustEmail: boolean
  prefix: string
  suffix: string
  custom: string
  provisionUsers: boolean
  exposeGroups: boolean
}

export function emptyProviderForm(): ProviderForm {
  return {
    name: '',
    enabled: false,
    issuer: '',
    clientId: '',
    clientSecret: '',
    domains: '',
    teams: '',
    scopes: 'profile email groups',
    groupsClaim: 'groups',
    trustEmail: false,
    prefix: '',
    suffix: '',
    custom: '',
    provisionUsers: true,
    exposeGroups: false,
  }
}

export function formOf(provider: Provider): ProviderForm {
  const { name, enabled, oidc, domains, teams, groups, provisionUsers, exposeGroups } = provider
  return {
    name,
    enabled,
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    clientSecret: '',
    domains: domains.join('\n'),
    teams: teams.join('\n'),
    scopes: oidc.scopes.join(' '),
    groupsClaim: oidc.groupsClaim,
    trustEmail: oidc.trustEmail,
    prefix: groups.prefix,
    suffix: groups.suffix,
    custom: groups.custom.map(writeRule).join('\n'),
    provisionUsers,
    exposeGroups,
  }
}

type Rule = ProviderInput['groups']['custom'][number]

const writeRule = ({ group, team, application, role }: Rule): string =>
  `${group} = ${team}${application === undefined ? '' : `[${application}]`}: ${role}`

/** @throws {SyntaxError} with a sentence about the first line that says nothing */
function readRule(line: string): Rule {
  const [, group, team, application, role] =
    /^(.+?)\s*=\s*([a-z0-9-]+)(?:\[(.+)\])?:\s*(none|dashboard|viewer|member|owner)$/.exec(line) ?? []
  if (!group || !team || !role) {
    throw new SyntaxError(t.ssoWords.isNoRule(line))
  }
  return { group, team, ...(application ? { application } : {}), role: role as Rule['role'] }
}

/** What the form says, for the forge. @throws {SyntaxError} */
export function inputOf(form: ProviderForm): ProviderInput {
  const { clientSecret } = form
  return {
    type: 'oidc',
    name: form.name,
    enabled: form.enabled,
    domains: words(form.domains).map((domain) => domain.toLowerCase()),
    teams: words(form.teams),
    groups: { prefix: form.prefix, suffix: form.suffix, custom: lines(form.custom).map(readRule) },
    provisionUsers: form.provisionUsers,
    exposeGroups: form.exposeGroups,
    oidc: {
      issuer: form.issuer.trim(),
      clientId: form.clientId.trim(),
      ...(clientSecret === '' ? {} : { clientSecret }),
      scopes: words(form.scopes),
      groupsClaim: form.groupsClaim.trim(),
      trustEmail: form.trustEmail,
    },
  }
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
