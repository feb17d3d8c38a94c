import type { Registry } from 'prom-client'
import type { Sequelize } from 'sequelize'

import type { AuditSinks } from './audit/audit-worker.ts'
import type { Changes } from './changes/changes.ts'
import type { Directory } from './directory/directory.ts'
import type { SecretKeys } from './keys.ts'
import type { GithubAlertOptions } from './leaks/github-keys.ts'
import type { LimitOptions } from './limits/limits.ts'
import type { MailOptions } from './notices/mailer.ts'
import type { ClientDocumentOptions } from './oauth/client-documents.ts'
import type { Tracer } from './tracer.ts'

/** What a forge gives the module. */
export interface ForgePatOptions extends ForgePatSettings {
  /** A connection on which the module's migrations have run. */
  db: Sequelize
  directory: Directory
  /**
   * What tells of changes in `db`, when the host listens there itself; else the module does. Who passes it starts and
   * closes it, and lets the answers to its own changing requests wait by `settleBeforeAnswer`.
   */
  changes?: Changes
  keys: SecretKeys
  /** The address at which people and instances use the forge, with the mount path. It is the OAuth issuer too. */
  baseUrl: string
  /** Where the module's metrics are added, for a host that serves them. */
  metrics?: Registry
  /** Is told what the module is doing, by a host that traces. */
  tracer?: Tracer
}

/** What a forge may say otherwise. */
export interface ForgePatSettings {
  /** Live tokens that one person may have; 50 unless said otherwise. */
  maxTokensPerUser?: number
  /** Where the audit is streamed to, besides being kept. */
  auditSinks?: AuditSinks
  /** The mail server for notices; without one they appear on the page and in the log. */
  mail?: MailOptions
  /** For how many days a token that ended can still be looked at; 90 unless said otherwise. */
  tombstoneDays?: number
  /** For how many days the log of calls goes back; 90 unless said otherwise. */
  callLogDays?: number
  /**
   * Whether this forge removes remains, mails notices and tells of ends; true unless said otherwise. Of all forges on a
   * database one is enough, and one there has to be.
   */
  housekeeping?: boolean
  /** Other limits than those that hold unless said otherwise (`forge/limits/limits.ts`). */
  limits?: LimitOptions
  /** Where programs may be described that ask for tokens by the device grant; the public Internet unless said otherwise. */
  clientDocuments?: ClientDocumentOptions
  /** Takes alerts of GitHub's secret scanning at `/api/v1/credentials/github-alerts`; without this there is no such path. */
  githubAlerts?: GithubAlertOptions
}
