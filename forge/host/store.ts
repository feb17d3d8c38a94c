import type { Sequelize } from 'sequelize'

import { defineApplicationModels, type ApplicationModels } from './applications/model.ts'
import { createDeletions, type Deletions } from './deletions.ts'
import { defineInstanceModels, type InstanceModels } from './instances/model.ts'
import { defineSessionModels, type SessionModels } from './sessions/model.ts'
import { defineSsoModels, type SsoModels } from './sso/model.ts'
import { defineScimModels, type ScimModels } from './sso/scim/model.ts'
import { defineTeamModels, type TeamModels } from './teams/model.ts'
import { defineUserModels, type UserModels } from './users/model.ts'

/** The host's tables on one connection; one process may hold several. */
export interface HostStore
  extends UserModels, SessionModels, TeamModels, ApplicationModels, InstanceModels, SsoModels, ScimModels {
  db: Sequelize
  deletions: Deletions
}

export function createStore(db: Sequelize): HostStore {
  return {
    db,
    deletions: createDeletions(),
    ...defineUserModels(db),
    ...defineSessionModels(db),
    ...defineTeamModels(db),
    ...defineApplicationModels(db),
    ...defineInstanceModels(db),
    ...defineSsoModels(db),
    ...defineScimModels(db),
  }
}
