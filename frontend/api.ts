import type * as account from '@contract/account.ts'
import type { AuditLogPage, AuditLogQuery } from '@contract/audit.ts'
import type { PageQuery } from '@contract/common.ts'
import type { ApproveDevice, DeviceRequest, UserCodeEntry } from '@contract/device.ts'
import type { Explanation, ExplainToken, Preview, PreviewToken } from '@contract/explain.ts'
import type * as host from '@contract/host.ts'
import type * as oversight from '@contract/oversight.ts'
import type { TokenPolicy } from '@contract/policy.ts'
import type { CreateOAuthClient, OAuthClient, OAuthClientList } from '@contract/oauth-client.ts'
import type { NoticePage, NoticeQuery } from '@contract/notice.ts'
import type { Revocation } from '@contract/revocation.ts'
import type { OverrideRole, Role } from '@contract/role.ts'
import type { FirstCall } from '@contract/slips.ts'
import type * as scim from '@contract/scim.ts'
import type * as ldap from '@contract/ldap.ts'
import type * as sso from '@contract/sso.ts'
import type { SignInList, TokenTargets } from '@contract/targets.ts'
import type * as token from '@contract/token.ts'
import type { CreatedToken, CreateToken, Token } from '@contract/token.ts'
import type { ToolCallDays, ToolCallDaysQuery, ToolCallPage, ToolCallQuery } from '@contract/tool-calls.ts'
import type { InstanceTools, TokenTools, ToolRules } from '@contract/tool-registry.ts'

import { address } from './base.ts'
import { call, callOnce } from './http.ts'

// One function per endpoint. All of them throw a Refusal (http.ts).

// ---- sign-in: these are called when nobody is signed in, so none of them asks for a new sign-in -----------------

export const getSetupState = () => callOnce<account.SetupState>('GET', 'account/setup')
export const setUp = (input: account.Setup) => callOnce<unknown>('POST', 'account/setup', input)
export const signIn = (input: account.Login) => callOnce<unknown>('POST', 'account/login', input)
export const findProvider = (email: string) =>
  callOnce<sso.FoundProvider>('POST', 'account/sso/find', { email } satisfies sso.FindProvider)
/** Where the browser goes next, to sign out of the identity provider too; null where there is no such place. */
export const signOut = () => callOnce<account.SignedOut | null>('POST', 'account/logout')
export const getUser = () => callOnce<host.OwnUser>('GET', 'api/v1/user')

// ---- own account --------------------------------------------------------------------------------------------------

export const changePassword = (input: account.ChangePassword) => call<unknown>('PUT', 'api/v1/user/password', input)

// ---- tokens -------------------------------------------------------------------------------------------------------

export const listTokens = (page: PageQuery) => call<token.TokenPage>('GET', `api/v1/tokens${search(page)}`)
export const listTokenTargets = () => call<TokenTargets>('GET', 'api/v1/tokens/targets')
export const listSignIns = () => call<SignInList>('GET', 'api/v1/tokens/sign-ins')
export const createToken = (input: CreateToken) => call<CreatedToken>('POST', 'api/v1/tokens', input)
export const getToken = (id: string) => call<Token>('GET', `api/v1/tokens/${id}`)
export const updateToken = (id: string, input: token.UpdateToken) => call<Token>('PATCH', `api/v1/tokens/${id}`, input)
export const revokeToken = (id: string) => call<unknown>('DELETE', `api/v1/tokens/${id}`)
export const rotateToken = (id: string, input: token.RotateToken) =>
  call<CreatedToken>('POST', `api/v1/tokens/${id}/rotate`, input)
export const endGrace = (id: string) => call<unknown>('POST', `api/v1/tokens/${id}/end-grace`)
export const dismissAlarm = (id: string) => call<unknown>('POST', `api/v1/tokens/${id}/dismiss-alarm`)
export const revokeFamily = (id: string) => call<unknown>('POST', `api/v1/tokens/${id}/revoke-family`)
export const previewToken = (input: PreviewToken) => call<Preview>('POST', 'api/v1/tokens/preview', input)
export const getTokenUsage = (id: string) => call<token.TokenUsage>('GET', `api/v1/tokens/${id}/usage`)
export const getUsedToken = (id: string) => call<token.UsedToken>('GET', `api/v1/tokens/${id}/used`)
export const listTokenAudit = (id: string, query: AuditLogQuery) =>
  call<AuditLogPage>('GET', `api/v1/tokens/${id}/audit-log${search(query)}`)
/** The same as a page asks by itself again and again: a session that has ended is no reason to interrupt anybody. */
export const peekFirstCall = (id: string) => callOnce<FirstCall>('GET', `api/v1/tokens/${id}/first-call`)
/** The same as a page asks by itself after a revocation. */
export const peekRevocation = (id: string) => callOnce<Revocation>('GET', `api/v1/tokens/${id}/revocation`)
export const explainToken = (id: string, input: ExplainToken) =>
  call<Explanation>('POST', `api/v1/tokens/${id}/explain`, input)

// ---- programs that are let in by a code: the code is never in an address --------------------------------------------

export const lookUpDevice = (input: UserCodeEntry) => call<DeviceRequest>('POST', 'api/v1/device/lookup', input)
export const approveDevice = (input: ApproveDevice) => call<unknown>('POST', 'api/v1/device/approve', input)
export const denyDevice = (input: UserCodeEntry) => call<unknown>('POST', 'api/v1/device/deny', input)

// ---- notices ------------------------------------------------------------------------------------------------------

export const listNotices = (page: NoticeQuery) => call<NoticePage>('GET', `api/v1/notices${search(page)}`)
/** The same as a page asks by itself now and then: a session that has ended is no reason to interrupt anybody. */
export const peekNotices = () => callOnce<NoticePage>('GET', 'api/v1/notices?limit=1')
export const markNoticeRead = (id: string) => call<unknown>('POST', `api/v1/notices/${id}/read`)
export const markNoticesRead = () => call<unknown>('POST', 'api/v1/notices/read')

// ---- people -------------------------------------------------------------------------------------------------------

export const listUsers = (page: PageQuery) => call<host.UserPage>('GET', `api/v1/users${search(page)}`)
export const createUser = (input: host.CreateUser) => call<host.User>('POST', 'api/v1/users', input)
export const updateUser = (id: string, input: host.UpdateUser) => call<host.User>('PATCH', `api/v1/users/${id}`, input)

// ---- identity providers -------------------------------------------------------------------------------------------

export const listProviders = () => call<sso.ProviderList>('GET', 'api/v1/sso/providers')
export const getProvider = (id: string) => call<sso.Provider>('GET', `api/v1/sso/providers/${id}`)
export const createProvider = (input: sso.ProviderInput) => call<sso.Provider>('POST', 'api/v1/sso/providers', input)
export const replaceProvider = (id: string, input: sso.ProviderInput) =>
  call<sso.Provider>('PUT', `api/v1/sso/providers/${id}`, input)
export const deleteProvider = (id: string) => call<unknown>('DELETE', `api/v1/sso/providers/${id}`)
export const getScimStatus = (id: string) => call<scim.ScimStatus>('GET', `api/v1/sso/providers/${id}/scim`)
export const issueScimToken = (id: string) =>
  call<scim.IssuedScimToken>('POST', `api/v1/sso/providers/${id}/scim/token`)
export const removeScim = (id: string) => call<unknown>('DELETE', `api/v1/sso/providers/${id}/scim/token`)
export const getPasswordProvider = (id: string) => callOnce<sso.FoundProvider>('GET', `account/sso/${id}`)
export const signInAtDirectory = (id: string, login: ldap.LdapLogin) =>
  callOnce<unknown>('POST', `account/sso/${id}/password`, login)
export const tryDirectory = (id: string, trial: ldap.LdapTrial) =>
  call<sso.Provider>('POST', `api/v1/sso/providers/${id}/trial`, trial)
export const checkDirectory = (id: string) => call<ldap.LdapCheck>('POST', `api/v1/sso/providers/${id}/check`)
/** The way through a provider. It is a journey of the browser, not a call. */
export const signInAddress = (id: string, options: { returnTo?: string; reauthenticate?: true; test?: true }) => {
  const { returnTo, reauthenticate, test } = options
  const query = { return_to: returnTo, reauthenticate: reauthenticate && 'true', test: test && 'true' }
  return address(`account/sso/${id}/start${search(query)}`)
}

// ---- teams --------------------------------------------------------------------------------------------------------

export const listTeams = (page: PageQuery) => call<host.TeamPage>('GET', `api/v1/teams${search(page)}`)
export const createTeam = (input: host.CreateTeam) => call<host.Team>('POST', 'api/v1/teams', input)
export const getTeam = (id: string) => call<host.Team>('GET', `api/v1/teams/${id}`)
export const updateTeam = (id: string, input: host.UpdateTeam) => call<host.Team>('PATCH', `api/v1/teams/${id}`, input)
export const deleteTeam = (id: string) => call<unknown>('DELETE', `api/v1/teams/${id}`)

export const listMembers = (teamId: string, page: PageQuery) =>
  call<host.MemberPage>('GET', `api/v1/teams/${teamId}/members${search(page)}`)
export const addMember = (teamId: string, input: host.AddMember) =>
  call<unknown>('POST', `api/v1/teams/${teamId}/members`, input)
export const setMemberRole = (teamId: string, userId: string, role: Role) =>
  call<unknown>('PATCH', `api/v1/teams/${teamId}/members/${userId}`, { role } satisfies host.SetRole)
export const removeMember = (teamId: string, userId: string) =>
  call<unknown>('DELETE', `api/v1/teams/${teamId}/members/${userId}`)

export const listTeamClients = (teamId: string) => call<OAuthClientList>('GET', `api/v1/teams/${teamId}/oauth-clients`)
export const createTeamClient = (teamId: string, input: CreateOAuthClient) =>
  call<OAuthClient>('POST', `api/v1/teams/${teamId}/oauth-clients`, input)
export const deleteTeamClient = (teamId: string, clientId: string) =>
  call<unknown>('DELETE', `api/v1/teams/${teamId}/oauth-clients/${clientId}`)

/** One person's role in one application, in place of their team role; null lets the team role count again. */
export const setOverride = (teamId: string, userId: string, applicationId: string, role: OverrideRole | null) => {
  const path = `api/v1/teams/${teamId}/members/${userId}/overrides/${applicationId}`
  if (role === null) return call<unknown>('DELETE', path)
  return call<unknown>('PUT', path, { role } satisfies host.SetOverride)
}

// ---- applications and instances -----------------------------------------------------------------------------------

export const listApplications = (teamId: string, page: PageQuery) =>
  call<host.ApplicationPage>('GET', `api/v1/applications${search({ teamId, ...page })}`)
export const createApplication = (input: host.CreateApplication) =>
  call<host.Application>('POST', 'api/v1/applications', input)
export const updateApplication = (id: string, input: host.UpdateApplication) =>
  call<host.Application>('PATCH', `api/v1/applications/${id}`, input)
export const deleteApplication = (id: string) => call<unknown>('DELETE', `api/v1/applications/${id}`)

export const listInstances = (teamId: string, page: PageQuery) =>
  call<host.InstancePage>('GET', `api/v1/instances${search({ teamId, ...page })}`)
export const createInstance = (input: host.CreateInstance) => call<host.Instance>('POST', 'api/v1/instances', input)
export const updateInstance = (id: string, input: host.UpdateInstance) =>
  call<host.Instance>('PATCH', `api/v1/instances/${id}`, input)
export const deleteInstance = (id: string) => call<unknown>('DELETE', `api/v1/instances/${id}`)
export const issueCredential = (instanceId: string) =>
  call<host.IssuedCredential>('POST', `api/v1/instances/${instanceId}/credentials`)

// ---- tools of an instance, and who may call them ------------------------------------------------------------------

export const listInstanceTools = (instanceId: string) =>
  call<InstanceTools>('GET', `api/v1/instances/${instanceId}/tools`)
/** @param version of the rules that were looked at: refused with 412 when they are others by now */
export const saveToolRules = (instanceId: string, input: ToolRules, version: string) =>
  call<ToolRules>('PUT', `api/v1/instances/${instanceId}/tool-rules`, input, { 'if-match': `"${version}"` })

// ---- oversight: what the owners of a team see and do about tokens that reach it ------------------------------------

export const listTeamTokens = (teamId: string, query: oversight.TeamTokenQuery) =>
  call<oversight.TeamTokenPage>('GET', `api/v1/teams/${teamId}/tokens${search(query)}`)
export const listTeamTokenTools = (teamId: string, tokenId: string) =>
  call<TokenTools>('GET', `api/v1/teams/${teamId}/tokens/${tokenId}/tools`)
export const revokeForTeam = (teamId: string, tokenId: string) =>
  call<unknown>('DELETE', `api/v1/teams/${teamId}/tokens/${tokenId}`)
/** The same as a page asks by itself after an owner has ended a token. */
export const peekTeamRevocation = (teamId: string, tokenId: string) =>
  callOnce<Revocation>('GET', `api/v1/teams/${teamId}/tokens/${tokenId}/revocation`)
export const revokeAllForTeam = (teamId: string, userId: string) =>
  call<oversight.RevokedForTeam>('POST', `api/v1/teams/${teamId}/tokens/revoke`, {
    userId,
  } satisfies oversight.RevokeForTeam)
/** The same as a page asks by itself after an owner has ended all of a person's tokens. */
export const peekPersonRevocation = (teamId: string, query: oversight.PersonRevocationQuery) =>
  callOnce<Revocation>('GET', `api/v1/teams/${teamId}/tokens/revocation${search(query)}`)

export const getTeamHealth = (teamId: string) =>
  call<oversight.TeamHealth>('GET', `api/v1/teams/${teamId}/token-health`)
export const getTokenPolicy = (teamId: string) => call<TokenPolicy>('GET', `api/v1/teams/${teamId}/token-policy`)
export const saveTokenPolicy = (teamId: string, policy: TokenPolicy) =>
  call<TokenPolicy>('PUT', `api/v1/teams/${teamId}/token-policy`, policy)
/** What saving it would do; nothing is saved. */
export const tryTokenPolicy = (teamId: string, policy: TokenPolicy) =>
  call<oversight.PolicyImpact>('PUT', `api/v1/teams/${teamId}/token-policy?dryRun=true`, policy)

export const listApprovals = (teamId: string, query: oversight.TeamApprovalQuery) =>
  call<oversight.TeamApprovalPage>('GET', `api/v1/teams/${teamId}/approvals${search(query)}`)
export const decideApproval = (teamId: string, tokenId: string, input: oversight.DecideApproval) =>
  call<unknown>('POST', `api/v1/teams/${teamId}/approvals/${tokenId}`, input)

export const listTeamAudit = (teamId: string, query: AuditLogQuery) =>
  call<AuditLogPage>('GET', `api/v1/teams/${teamId}/audit-log${search(query)}`)
/** Where the browser downloads all that matches. */
export const teamAuditExport = (teamId: string, query: AuditLogQuery & { format: 'csv' | 'jsonl' }) =>
  address(`api/v1/teams/${teamId}/audit-log${search(query)}`)

// ---- calls of tools -----------------------------------------------------------------------------------------------

export const listTeamCalls = (teamId: string, query: ToolCallQuery) =>
  call<ToolCallPage>('GET', `api/v1/teams/${teamId}/calls${search(query)}`)
export const countTeamCalls = (teamId: string, query: ToolCallDaysQuery) =>
  call<ToolCallDays>('GET', `api/v1/teams/${teamId}/calls/days${search(query)}`)
export const listTokenCalls = (tokenId: string, query: ToolCallQuery) =>
  call<ToolCallPage>('GET', `api/v1/tokens/${tokenId}/calls${search(query)}`)
export const listTokenTools = (tokenId: string) => call<TokenTools>('GET', `api/v1/tokens/${tokenId}/tools`)
/** Where the browser downloads all that matches. */
export const teamCallsExport = (teamId: string, query: ToolCallQuery & { format: 'csv' | 'jsonl' }) =>
  address(`api/v1/teams/${teamId}/calls${search(query)}`)

/** A query string; what is undefined or empty is left out, and a list is named once for each of its values. */
function search(parameters: Record<string, string | number | readonly string[] | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of typeof value === 'object' ? value : [value]) {
      if (each !== undefined && each !== '') query.append(name, String(each))
    }
  }
  return query.size === 0 ? '' : `?${query}`
}
