import type { Sequelize } from 'sequelize'

import type { Audit } from '../audit/audit.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import type { Policies } from '../policy/policy.ts'
import type { TokenModels } from './model.ts'
import type { SecretGuard } from './secret.ts'

/** What the actions on tokens work with. */
export interface TokenStore {
  db: Sequelize
  models: TokenModels
  directory: Directory
  policies: Policies
  guard: SecretGuard
  audit: Audit
  /** Live tokens that one person may have. */
  maxTokensPerUser: number
}

/** Another person's token is not found, like one that never was. */
export const noSuchToken = () => new ForgeError('not_found', 'You have no such token.')
