import type { Sequelize } from 'sequelize'

import type { Audit } from '../audit/audit.ts'
import type { Directory } from '../directory/directory.ts'
import type { AuditRefs } from '../tokens/audit-ref.ts'
import type { LastUse } from '../tokens/last-use.ts'
import type { ToolModels } from '../tools/model.ts'

/** What the actions on tools work with. */
export interface ToolStore {
  db: Sequelize
  models: ToolModels
  directory: Directory
  audit: Audit
}

/** What the log of calls works with. */
export interface CallStore {
  db: Sequelize
  directory: Directory
  auditRefs: AuditRefs
  lastUse: LastUse
  /** @param now epoch ms */
  nextCallId(now: number): string
  /** Is told how old the oldest call of each report is, in seconds. */
  onReported(seconds: number): void
}
