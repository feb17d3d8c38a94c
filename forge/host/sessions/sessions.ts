import { selectRows, type RawBoolean, type RawTime } from '../../sql/rows.ts'
import { createHash, randomBytes } from 'node:crypto'

import { Op, type Transaction } from 'sequelize'

import type { HostStore } from '../store.ts'

const SID_BYTES = 32
const HOUR_MS = 3_600_000

/** A session lasts this long, whatever happens in it. */
export const SESSION_LIFETIME_MS = 7 * 24 * HOUR_MS

/** …and ends this long after it was last used: longer than a day, so that yesterday's work goes on in the morning. */
const SESSION_IDLE_MS = 32 * HOUR_MS

/** A use is written down at most this often: it only has to be exact compared with the idle time. */
const TOUCH_EVERY_MS = 5 * 60_000

export interface Session {
  id: string
  userId: string
  username: string
  admin: boolean
  /** When the person last proved who they are, here or to the provider that they came through; epoch ms. */
  authenticatedAt: number
  /** The identity provider that they came through; null after a password. */
  providerId: string | null
}

/** What a session is told by the identity provider that it came through. */
export interface ThroughProvider {
  providerId: string
  authenticatedAt: Date | null
  providerSid: string | null
  sealedLogout: string | null
}

/**
 * Starts a session. The answer is what the cookie holds: 256 random bits, of which the database knows only a hash.
 * @param now epoch ms
 */
export async function startSession(
  { Session }: HostStore,
  userId: string,
  now: number,
  through?: ThroughProvider,
  transaction: Transaction | null = null,
): Promise<string> {
  await Session.destroy({
    transaction,
    where: {
      [Op.or]: [
        { createdAt: { [Op.lte]: new Date(now - SESSION_LIFETIME_MS) } },
        { lastSeenAt: { [Op.lte]: new Date(now - SESSION_IDLE_MS) } },
      ],
    },
  })

  const sid = randomBytes(SID_BYTES).toString('base64url')
  const at = new Date(now)
  await Session.create({ sidHash: hashOf(sid), userId, createdAt: at, lastSeenAt: at, ...through }, { transaction })
  return sid
}

/** The live session behind a cookie, or null: unknown, over, or of a suspended person. @param now epoch ms */
export async function findSession(store: HostStore, sid: string, now: number): Promise<Session | null> {
  const [row] = await selectRows<RawSession>(
    store.db,
    `SELECT s.id, s.user_id AS "userId", s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt",
       s.provider_id AS "providerId", s.authenticated_at AS "authenticatedAt", u.username, u.admin
     FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.sid_hash = $1 AND NOT u.suspended`,
    [hashOf(sid)],
  )
  if (!row) return null

  const startedAt = new Date(row.createdAt).getTime()
  const lastSeenAt = new Date(row.lastSeenAt).getTime()
  if (now - startedAt >= SESSION_LIFETIME_MS || now - lastSeenAt >= SESSION_IDLE_MS) return null

  if (now - lastSeenAt >= TOUCH_EVERY_MS) {
    await store.Session.update({ lastSeenAt: new Date(now) }, { where: { id: row.id } })
  }
  const { id, userId, username, providerId } = row
  // A provider may let somebody through whom it has seen hours ago.
  const provedAt = row.authenticatedAt === null ? startedAt : new Date(row.authenticatedAt).getTime()
  const authenticatedAt = Math.min(startedAt, provedAt)
  return { id, userId, username, admin: Boolean(row.admin), providerId, authenticatedAt }
}

/** Ends the session behind a cookie, if there is one. @returns how its provider is told, encrypted; null where nobody is */
export async function endSession({ Session }: HostStore, sid: string): Promise<string | null> {
  const where = { sidHash: hashOf(sid) }
  const session = await Session.findOne({ where })
  await Session.destroy({ where })
  return session?.sealedLogout ?? null
}

/** Ends all of a person's sessions, but for one where that is asked. */
export async function endSessionsOf(
  { Session }: HostStore,
  userId: string,
  { except, transaction }: { except?: string; transaction: Transaction },
): Promise<void> {
  const others = except === undefined ? {} : { id: { [Op.ne]: except } }
  await Session.destroy({ where: { userId, ...others }, transaction })
}

interface RawSession {
  id: string
  userId: string
  username: string
  createdAt: RawTime
  lastSeenAt: RawTime
  providerId: string | null
  authenticatedAt: RawTime | null
  admin: RawBoolean
}

function hashOf(sid: string): string {
  return createHash('sha256').update(sid).digest('hex')
}
