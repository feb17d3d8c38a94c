import * as createUsersAndSessions from './host/20261123-01-create-users-and-sessions.ts'
import * as createTeamsAndInstances from './host/20261123-02-create-teams-and-instances.ts'
import * as markProductionInstances from './host/20261123-10-mark-production-instances.ts'
import * as nameKeyOfCredentials from './host/20261123-11-name-key-of-credentials.ts'
import * as createSso from './host/20261124-30-create-sso.ts'
import * as createScim from './host/20261124-34-create-scim.ts'
import * as createDirectoryChecks from './host/20261125-11-create-directory-checks.ts'
import * as watchHostChanges from './host/20261124-31-watch-changes.ts'
import * as watchSso from './host/20261124-32-watch-single-sign-on.ts'
import * as watchProviders from './host/20261124-33-watch-providers.ts'
import type { Migration } from './migration.ts'
import * as createTokens from './module/20261123-01-create-tokens.ts'
import * as createAuditEntries from './module/20261123-02-create-audit-entries.ts'
import * as replaceAuditEntries from './module/20261123-03-replace-audit-entries.ts'
import * as createLeases from './module/20261123-04-create-leases.ts'
import * as createNotices from './module/20261123-05-create-notices.ts'
import * as createPolicies from './module/20261123-10-create-policies.ts'
import * as extendTokenLife from './module/20261123-11-extend-token-life.ts'
import * as createTools from './module/20261124-20-create-tools.ts'
import * as createToolCalls from './module/20261124-21-create-tool-calls.ts'
import * as noteHowTokensWereIssued from './module/20261124-22-note-how-tokens-were-issued.ts'
import * as createDeviceCodes from './module/20261124-23-create-device-codes.ts'
import * as watchChanges from './module/20261124-30-watch-changes.ts'
import * as limitTokensToTools from './module/20261124-32-limit-tokens-to-tools.ts'
import * as findTokensByTeam from './module/20261124-40-find-tokens-by-team.ts'
import * as noteEndsOfTokens from './module/20261124-41-note-ends-of-tokens.ts'
import * as createLeakReports from './module/20261124-42-create-leak-reports.ts'
import * as createSlips from './module/20261124-50-create-slips.ts'
import * as createCounts from './module/20261125-21-create-counts.ts'
import * as watchNotedEnds from './module/20261125-22-watch-noted-ends.ts'
import * as findTokensByText from './module/20261125-23-find-tokens-by-text.ts'
import * as createConfirmations from './module/20261125-51-create-confirmations.ts'
import * as readGrantsOffAnIndex from './module/20261125-60-read-grants-off-an-index.ts'
import * as noteWidestGrants from './module/20261126-01-note-widest-grants.ts'
import * as findTokensByShortText from './module/20261126-02-find-tokens-by-short-text.ts'
import * as findTokensByRole from './module/20261126-03-find-tokens-by-role.ts'

/** The standalone host's own tables. */
const hostMigrations: Migration[] = [
  { name: 'host/20261123-01-create-users-and-sessions', ...createUsersAndSessions },
  { name: 'host/20261123-02-create-teams-and-instances', ...createTeamsAndInstances },
  { name: 'host/20261123-10-mark-production-instances', ...markProductionInstances },
  { name: 'host/20261123-11-name-key-of-credentials', ...nameKeyOfCredentials },
  { name: 'host/20261124-30-create-sso', ...createSso },
  { name: 'host/20261124-34-create-scim', ...createScim },
  { name: 'host/20261125-11-create-directory-checks', ...createDirectoryChecks },
]

/** The module's tables: all that a forge with users and teams of its own needs. */
export const moduleMigrations: Migration[] = [
  { name: 'module/20261123-01-create-tokens', ...createTokens },
  { name: 'module/20261123-02-create-audit-entries', ...createAuditEntries },
  { name: 'module/20261123-03-replace-audit-entries', ...replaceAuditEntries },
  { name: 'module/20261123-04-create-leases', ...createLeases },
  { name: 'module/20261123-05-create-notices', ...createNotices },
  { name: 'module/20261123-10-create-policies', ...createPolicies },
  { name: 'module/20261123-11-extend-token-life', ...extendTokenLife },
  { name: 'module/20261124-20-create-tools', ...createTools },
  { name: 'module/20261124-21-create-tool-calls', ...createToolCalls },
  { name: 'module/20261124-22-note-how-tokens-were-issued', ...noteHowTokensWereIssued },
  { name: 'module/20261124-23-create-device-codes', ...createDeviceCodes },
  { name: 'module/20261124-30-watch-changes', ...watchChanges },
  { name: 'module/20261124-32-limit-tokens-to-tools', ...limitTokensToTools },
  { name: 'module/20261124-40-find-tokens-by-team', ...findTokensByTeam },
  { name: 'module/20261124-41-note-ends-of-tokens', ...noteEndsOfTokens },
  { name: 'module/20261124-42-create-leak-reports', ...createLeakReports },
  { name: 'module/20261124-50-create-slips', ...createSlips },
  { name: 'module/20261125-21-create-counts', ...createCounts },
  { name: 'module/20261125-22-watch-noted-ends', ...watchNotedEnds },
  { name: 'module/20261125-23-find-tokens-by-text', ...findTokensByText },
  { name: 'module/20261125-51-create-confirmations', ...createConfirmations },
  { name: 'module/20261125-60-read-grants-off-an-index', ...readGrantsOffAnIndex },
  { name: 'module/20261126-01-note-widest-grants', ...noteWidestGrants },
  { name: 'module/20261126-02-find-tokens-by-short-text', ...findTokensByShortText },
  { name: 'module/20261126-03-find-tokens-by-role', ...findTokensByRole },
]

/** What of the host's tables stands on the module's: the triggers that tell of changes. */
const hostChangeMigrations: Migration[] = [
  { name: 'host/20261124-31-watch-changes', ...watchHostChanges },
  { name: 'host/20261124-32-watch-single-sign-on', ...watchSso },
  { name: 'host/20261124-33-watch-providers', ...watchProviders },
]

/** Everything, in the order in which it runs. */
export const migrations: Migration[] = [...hostMigrations, ...moduleMigrations, ...hostChangeMigrations]
