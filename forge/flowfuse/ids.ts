import Hashids from 'hashids'
import type { Sequelize } from 'sequelize'

import { ConfigError } from '../host/config-error.ts'
import { selectRows } from '../sql/rows.ts'

/** Of FlowFuse's choosing, as is the salt: the platform's id with the name of the model. */
const MIN_LENGTH = 10
/** What both databases hold in an id. */
const MAX_ID = 2 ** 31 - 1

/** Between the numbers of FlowFuse's tables and the ids that its own API shows, which are ours too. */
export interface IdCodec {
  encode(id: number): string
  /** Null for what is no id of this kind. */
  decode(text: string): number | null
}

export interface Ids {
  user: IdCodec
  team: IdCodec
  application: IdCodec
}

/** @param platformId FlowFuse's setting `instanceId` */
export function createIds(platformId: string): Ids {
  return {
    user: createCodec(`${platformId}User`),
    team: createCodec(`${platformId}Team`),
    application: createCodec(`${platformId}Application`),
  }
}

function createCodec(salt: string): IdCodec {
  const hashids = new Hashids(salt, MIN_LENGTH)

  return {
    encode: (id) => hashids.encode(id),
    decode(text) {
      if (!/^[0-9A-Za-z]{10,30}$/.test(text)) return null
      const [id] = hashids.decode(text)
      const valid = typeof id === 'number' && id <= MAX_ID && hashids.encode(id) === text
      return valid ? id : null
    },
  }
}

/** The ids of instances are UUIDs and stand for themselves. PostgreSQL fails at what is none. */
export function isInstanceId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
}

/**
 * FlowFuse's id of itself. It stands in a table with its cookie secret, which a careful role may not read: then it is
 * configured.
 * @throws {ConfigError}
 */
export async function findPlatformId(db: Sequelize): Promise<string> {
  const rows = await selectRows<{ value: string | null }>(
    db,
    `SELECT s."value" FROM "PlatformSettings" s WHERE s."key" = 'instanceId'`,
    [],
  ).catch(() => [])
  const platformId = rows[0]?.value
  if (platformId) return platformId

  throw new ConfigError(
    'FLOWFUSE_INSTANCE_ID is missing: FLOWFUSE_DATABASE may not read it. Let its owner run ' +
      `SELECT value FROM "PlatformSettings" WHERE key = 'instanceId'.`,
  )
}
