import type { Sequelize } from 'sequelize'

import type { Audit } from '../audit/audit.ts'
import type { Directory } from '../directory/directory.ts'
import type { ToolModels } from '../tools/model.ts'

/** What the actions on tools work with. */
export interface ToolStore {
  db: Sequelize
  models: ToolModels
  directory: Directory
  audit: Audit
}
