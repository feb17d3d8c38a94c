import { createHmac, randomBytes, randomInt, randomUUID } from 'node:crypto'

import { UniqueConstraintError, type Sequelize, type Transaction } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import type { CreateToken } from '../contract/token.ts'
import { everyKey, type SecretKeys } from '../keys.ts'
import { placesFor, selectRows, writeRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { sqlTime, toEpochMs } from '../sql/time.ts'
import type { Client } from './clients.ts'

/** RFC 8628 section 3.2, and the default of its section 3.5. */
export const CODE_SECONDS = 600
export const INTERVAL_SECONDS = 5
const SLOWER_SECONDS = 5
/** Whoever polls without a pause for ten minutes is still answered afterwards. */
const MAX_INTERVAL_SECONDS = 60

/** RFC 8628 section 6.1: no vowels, so no words; nothing that looks like something else. 20^8 is above 34 bits. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LETTERS = 8

/** What a program has asked for. */
export interface DeviceWish {
  client: Client
  address: string
  resources: string[]
  readOnly: boolean
}

/** What a person has agreed to, and who that was. */
export interface Approval {
  actor: PersonActor
  token: CreateToken
}

export interface DeviceCode {
  id: string
  clientId: string
  clientName: string
  clientTeamId: string | null
  address: string
  resources: string[]
  readOnly: boolean
  state: 'pending' | 'approved' | 'denied' | 'redeemed'
  /** Epoch ms. */
  createdAt: number
  expiresAt: number
  approval: Approval | null
}

/** Codes are in the database alone, so that it does not matter which forge is asked. */
export interface DeviceCodes {
  /** The two texts, which are kept nowhere. */
  open(wish: DeviceWish, now: Date): Promise<{ deviceCode: string; userCode: string }>
  findByDevice(deviceCode: string): Promise<DeviceCode | null>
  /** One that waits for a person's word. */
  findByUser(userCode: string, now: Date): Promise<DeviceCode | null>
  /** Whether enough time has passed since the last poll; if not, the next has to wait longer still. */
  mayPoll(id: string, now: Date): Promise<boolean>
  /** Changes the state once: false when it is not (or no longer) the one that it is changed from. */
  move(id: string, change: StateChange, transaction?: Transaction): Promise<boolean>
}

export interface StateChange {
  from: DeviceCode['state']
  to: DeviceCode['state']
  now: Date
  approval?: Approval
}

interface Row {
  id: string
  clientId: string
  clientName: string
  clientTeamId: string | null
  address: string
  resources: string
  readOnly: RawBoolean
  state: DeviceCode['state']
  createdAt: RawTime
  expiresAt: RawTime
  approval: string | null
}

const SELECT = `
  SELECT id, client_id AS "clientId", client_name AS "clientName", client_team_id AS "clientTeamId", address, resources,
         read_only AS "readOnly", state, created_at AS "createdAt", expires_at AS "expiresAt", approval
    FROM pat_device_codes`

/** Texts are kept as HMACs under a derived key: a stolen database gives no code away, not even the short one. */
export function createDeviceCodes(db: Sequelize, keys: SecretKeys): DeviceCodes {
  const hashKeys = everyKey(keys).map((key) => key.derive('device code'))
  const hashesOf = (text: string) => hashKeys.map((key) => createHmac('sha256', key).update(text).digest('hex'))

  async function find(column: 'device_hash' | 'user_hash', text: string): Promise<DeviceCode | null> {
    const hashes = hashesOf(text)
    const [row] = await selectRows<Row>(db, `${SELECT} WHERE ${column} IN (${placesFor(hashes)})`, hashes)
    return row ? codeOf(row) : null
  }

  async function insert(wish: DeviceWish, texts: { deviceCode: string; userCode: string }, now: Date): Promise<void> {
    const [deviceHash = ''] = hashesOf(texts.deviceCode)
    const [userHash = ''] = hashesOf(texts.userCode)
    const { client, address, resources, readOnly } = wish
    await db.getQueryInterface().bulkInsert('pat_device_codes', [
      {
        id: randomUUID(),
        device_hash: deviceHash,
        user_hash: userHash,
        client_id: client.id,
        client_name: client.name,
        client_team_id: client.teamId,
        address,
        resources: JSON.stringify(resources),
        read_only: readOnly,
        state: 'pending',
        expires_at: new Date(now.getTime() + CODE_SECONDS * 1000),
        interval_seconds: INTERVAL_SECONDS,
        created_at: now,
      },
    ])
  }

  return {
    async open(wish, now) {
      const deviceCode = randomBytes(32).toString('base64url')
      // Two codes that wait may not be the same; one in thousands of millions is.
      for (let attempt = 1; ; attempt++) {
        const userCode = Array.from({ length: USER_CODE_LETTERS }, () => LETTERS.charAt(randomInt(20))).join('')
        try {
          await insert(wish, { deviceCode, userCode }, now)
          return { deviceCode, userCode: showUserCode(userCode) }
        } catch (error) {
          if (!(error instanceof UniqueConstraintError) || attempt === 3) throw error
        }
      }
    },

    findByDevice: (deviceCode) => find('device_hash', deviceCode),

    async findByUser(userCode, now) {
      const code = await find('user_hash', readUserCode(userCode))
      return code?.state === 'pending' && code.expiresAt > now.getTime() ? code : null
    },

    async mayPoll(id, now) {
      const { polled, tooSoon } = pollStatements(db)
      if ((await writeRows(db, polled, [sqlTime(now), id])) > 0) return true
      await writeRows(db, tooSoon, [SLOWER_SECONDS, MAX_INTERVAL_SECONDS, id])
      return false
    },

    async move(id, { from, to, now, approval }, transaction) {
      const moved = await writeRows(
        db,
        `UPDATE pat_device_codes SET state = $1, approval = $2 WHERE id = $3 AND state = $4 AND expires_at > $5`,
        // What was agreed to is of no use to anybody afterwards.
        [to, approval ? JSON.stringify(approval) : '', id, from, sqlTime(now)],
        transaction ?? null,
      )
      return moved > 0
    },
  }
}

/** One statement decides who of several may poll; a second one makes the others wait longer. */
function pollStatements(db: Sequelize) {
  const due =
    db.getDialect() === 'postgres'
      ? 'last_polled_at + make_interval(secs => interval_seconds) <= CAST($1 AS TIMESTAMP WITH TIME ZONE)'
      : 'julianday(last_polled_at) + interval_seconds / 86400.0 <= julianday($1) + 0.000000001'
  return {
    polled: `UPDATE pat_device_codes SET last_polled_at = $1 WHERE id = $2 AND (last_polled_at IS NULL OR ${due})`,
    tooSoon: `UPDATE pat_device_codes
                 SET interval_seconds = CASE WHEN interval_seconds + $1 < $2 THEN interval_seconds + $1 ELSE $2 END
               WHERE id = $3`,
  }
}

function codeOf({ resources, readOnly, createdAt, expiresAt, approval, ...row }: Row): DeviceCode {
  return {
    ...row,
    resources: JSON.parse(resources) as string[],
    readOnly: Boolean(readOnly),
    createdAt: toEpochMs(createdAt),
    expiresAt: toEpochMs(expiresAt),
    approval: approval ? (JSON.parse(approval) as Approval) : null,
  }
}

/** What a person has typed, as the code that was made: letters alone, capital ones (RFC 8628 section 6.1). */
function readUserCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z]/g, '')
}

export function showUserCode(text: string): string {
  const letters = readUserCode(text)
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}
