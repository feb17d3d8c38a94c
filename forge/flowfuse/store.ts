import type { Sequelize } from 'sequelize'

import { createOptionalColumns, type OptionalColumns } from './columns.ts'
import { createIds, type Ids } from './ids.ts'
import { createLastSignIns, type LastSignIns } from './sso.ts'

/** What FlowFuse's tables are read with. */
export interface FlowFuseStore {
  /** FlowFuse's own database, read-only. */
  db: Sequelize
  ids: Ids
  /** What this version of FlowFuse has besides. */
  optional(): Promise<OptionalColumns>
  lastSignIns: LastSignIns
  /** The address of a person's picture; null for what is none. */
  picture(avatar: string | null): string | null
}

/** @param origin the address at which people use FlowFuse */
export function createFlowFuseStore(db: Sequelize, platformId: string, origin: string): FlowFuseStore {
  return {
    db,
    ids: createIds(platformId),
    optional: createOptionalColumns(db),
    lastSignIns: createLastSignIns(db),
    picture: (avatar) => (avatar && /^(?:https?:\/\/|\/(?!\/))/.test(avatar) ? new URL(avatar, origin).href : null),
  }
}
