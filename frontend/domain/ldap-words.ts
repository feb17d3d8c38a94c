import type { LdapCheck, LdapFault, LdapMiss } from '@contract/ldap.ts'
import { t } from '../messages/messages.ts'

type Problem = LdapFault | LdapMiss | NonNullable<LdapCheck['problem']>

/** What a step of asking a directory ended with, and what to do. */
const PROBLEMS: Record<Problem, string> = {
  ldap_connect: t.ldapWords.connect,
  ldap_timeout: t.ldapWords.timeout,
  ldap_start_tls: t.ldapWords.startTls,
  ldap_certificate: t.ldapWords.certificate,
  ldap_bind: t.ldapWords.bind,
  ldap_base: t.ldapWords.base,
  ldap_search: t.ldapWords.search,
  ldap_no_id: t.ldapWords.noId,
  ldap_nobody: t.ldapWords.nobody,
  ldap_several: t.ldapWords.several,
  ldap_disabled: t.ldapWords.disabled,
  ldap_password: t.ldapWords.password,
  ldap_suspicious: t.ldapWords.suspicious,
}

/** The sentence for a problem with a directory; empty for anything else. */
export function describeDirectoryProblem(problem: string): string {
  return Object.hasOwn(PROBLEMS, problem) ? PROBLEMS[problem as Problem] : ''
}

/** What the last look at the people of a directory said. */
export function describeCheck({ problem, people, ended, changed }: LdapCheck): string {
  if (problem !== null) return `${PROBLEMS[problem]} ${t.ldapWords.nothingWasChanged}`
  return t.ldapWords.looked(people, ended, changed)
}
