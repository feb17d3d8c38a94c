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
  /** FlowFuse's own id of an application, as it stands in overrides. */
  bareApplication: IdCodec
  application: PlaceCodec<number>
  instance: PlaceCodec<string>
}

/**
 * Of what is in a team, the id and the team's, with an underscore between them: what moves to another team is another
 * one there, and whatever was granted in the old one reaches it no more.
 */
export interface PlaceCodec<Id> {
  encode(id: Id, team: number): string
  decode(text: string): { id: Id; team: number } | null
}

/** @param platformId FlowFuse's setting `instanceId` */
export function createIds(platformId: string): Ids {
  const team = createCodec(`${platformId}Team`)
  const bareApplication = createCodec(`${platformId}Application`)
  return {
    user: createCodec(`${platformId}User`),
    team,
    bareApplication,
    application: createPlaceCodec(bareApplication, team),
    instance: createPlaceCodec(UUID, team),
  }
}

/** The ids of instances are UUIDs already. */
const UUID = { encode: (id: string) => id, decode: (text: string) => (isInstanceId(text) ? text : null) }

function createPlaceCodec<Id>(
  inner: { encode(id: Id): string; decode(text: string): Id | null },
  teams: IdCodec,
): PlaceCodec<Id> {
  return {
    encode: (id, team) => `${inner.encode(id)}_${teams.encode(team)}`,
    decode(text) {
      const [id = '', team = '', ...rest] = text.split('_')
      const place = { id: inner.decode(id), team: teams.decode(team) }
      return rest.length > 0 || place.id === null || place.team === null ? null : { id: place.id, team: place.team }
    },
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

/** Whether a text is a UUID as FlowFuse writes it. PostgreSQL fails at what is none. */
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
