import { Op, type Sequelize, type WhereOptions } from 'sequelize'

import type { PersonActor } from '../audit/actor.ts'
import type { Audit } from '../audit/audit.ts'
import { ownLog } from '../audit/entry.ts'
import type { PageQuery } from '../contract/common.ts'
import { ROLE_LEVELS, roleFromLevel } from '../contract/role.ts'
import {
  TOKEN_LIFETIME_DAYS,
  type CreatedToken,
  type CreateToken,
  type Token,
  type TokenPage,
  type TokenState,
  type TokenTargets,
} from '../contract/token.ts'
import type { Directory, TargetNames } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import type { TokenModels, TokenRow } from './model.ts'
import { checkReach, targetsOf } from './reach.ts'
import { generateSecret, type SecretGuard } from './secret.ts'

/** What the actions on tokens work with. */
export interface TokenStore {
  db: Sequelize
  models: TokenModels
  directory: Directory
  guard: SecretGuard
  audit: Audit
}

const DAY_MS = 86_400_000

/** What the person may put into a grant now, with their role in each. */
export async function listTargets({ directory }: TokenStore, ownerId: string): Promise<TokenTargets> {
  return targetsOf(await directory.memberships(ownerId))
}

/**
 * Mints a token for the actor; the answer is the only one that ever holds the secret.
 * @throws {ForgeError} invalid_expiry, not_found (a grant), role_too_high
 */
export async function createToken(store: TokenStore, actor: PersonActor, input: CreateToken): Promise<CreatedToken> {
  const expiresAt = checkExpiry(input.expiresAt, Date.now())
  checkReach(await listTargets(store, actor.userId), input.grants, input.role)

  const { selector, secret, text } = generateSecret()
  const stored = await store.guard.protect(secret)

  const row = await store.db.transaction(async (transaction) => {
    const token = await store.models.Token.create(
      {
        ...stored,
        selector,
        userId: actor.userId,
        name: input.name.trim(),
        description: input.description?.trim() ?? '',
        roleLevel: ROLE_LEVELS[input.role],
        readOnly: input.readOnly,
        expiresAt,
      },
      { transaction },
    )
    const grants = input.grants.map(({ type, id }) => ({ tokenId: token.id, type, targetId: id }))
    token.grants = await store.models.Grant.bulkCreate(grants, { transaction })

    const { role, readOnly, grants: reach } = input
    const body = { selector, role, readOnly, grants: reach, expiresAt: expiresAt.toISOString() }
    await store.audit.write({ event: 'user.pat.created', ...ownTokenEntry(actor, token), body }, transaction)
    return token
  })

  return { ...present(row, await namesFor(store, [row]), Date.now()), token: text }
}

/** The person's own tokens, newest first, ended ones included. */
export async function listTokens(store: TokenStore, ownerId: string, page: PageQuery): Promise<TokenPage> {
  const limit = page.limit ?? 100
  const mine: WhereOptions<TokenRow> = page.query
    ? { [Op.and]: [{ userId: ownerId }, nameContains(store.db, page.query)] }
    : { userId: ownerId }
  const where = page.cursor ? { [Op.and]: [mine, olderThan(page.cursor)] } : mine

  const [count, rows] = await Promise.all([
    store.models.Token.count({ where: mine }),
    store.models.Token.findAll({
      where,
      include: { association: 'grants', separate: true },
      order: [
        ['createdAt', 'DESC'],
        ['id', 'DESC'],
      ],
      limit: limit + 1,
    }),
  ])

  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const names = await namesFor(store, shown)
  const now = Date.now()
  return {
    meta: last ? { next_cursor: `${last.createdAt.getTime()}_${last.id}` } : {},
    count,
    tokens: shown.map((row) => present(row, names, now)),
  }
}

/** One of the person's own tokens. @throws {ForgeError} not_found, also for another person's */
export async function getToken(store: TokenStore, ownerId: string, id: string): Promise<Token> {
  const row = await store.models.Token.findOne({ where: { id, userId: ownerId }, include: 'grants' })
  if (!row) throw noSuchToken()

  return present(row, await namesFor(store, [row]), Date.now())
}

/** Ends a token at once. Ending it twice changes nothing. @throws {ForgeError} not_found */
export async function revokeToken(store: TokenStore, actor: PersonActor, id: string): Promise<void> {
  await store.db.transaction(async (transaction) => {
    const mine = { id, userId: actor.userId }
    const [revoked] = await store.models.Token.update(
      { revokedAt: new Date() },
      { where: { ...mine, revokedAt: null }, transaction },
    )

    const token = await store.models.Token.findOne({ where: mine, transaction })
    if (!token) throw noSuchToken()
    if (revoked === 0) return

    const body = { reason: 'by_owner' } as const
    await store.audit.write({ event: 'user.pat.revoked', ...ownTokenEntry(actor, token), body }, transaction)
  })
}

/** What an entry says of a person who did something with a token of their own. */
function ownTokenEntry(actor: PersonActor, { id, name }: TokenRow) {
  const owner = { id: actor.userId, username: actor.username }
  return { actor, token: { id, name, owner }, scopes: [ownLog(owner)] as const }
}

const noSuchToken = () => new ForgeError('not_found', 'You have no such token.')

/** @throws {ForgeError} invalid_expiry, naming the range that is allowed */
function checkExpiry(text: string, now: number): Date {
  const expiresAt = new Date(text)
  const latest = now + TOKEN_LIFETIME_DAYS.max * DAY_MS
  if (expiresAt.getTime() > now && expiresAt.getTime() <= latest) return expiresAt

  throw new ForgeError(
    'invalid_expiry',
    `Choose an expiry after now and not after ${new Date(latest).toISOString()} (${TOKEN_LIFETIME_DAYS.max} days).`,
  )
}

/** Names that contain the text, in any case. Not LIKE, whose wildcards people would have to know. */
function nameContains(db: Sequelize, text: string): WhereOptions<TokenRow> {
  const find = db.getDialect() === 'sqlite' ? 'instr' : 'strpos'
  return db.where(db.fn(find, db.fn('lower', db.col('PatToken.name')), text.toLowerCase()), Op.gt, 0)
}

/** The tokens after the one that a cursor names, in the list's order. @throws {ForgeError} invalid_request */
function olderThan(cursor: string): WhereOptions<TokenRow> {
  const [time, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(cursor)?.slice(1) ?? []
  if (!time || !id) throw new ForgeError('invalid_request', 'This cursor is not one that a list gave out.')

  const createdAt = new Date(Number(time))
  return { [Op.or]: [{ createdAt: { [Op.lt]: createdAt } }, { createdAt, id: { [Op.lt]: id } }] }
}

function namesFor({ directory }: TokenStore, rows: TokenRow[]): Promise<TargetNames> {
  const grants = rows.flatMap((row) => row.grants ?? [])
  const idsOf = (type: string) => grants.filter((grant) => grant.type === type).map((grant) => grant.targetId)
  const used = rows.flatMap((row) => row.lastUsedInstanceId ?? [])

  return directory.names({
    instances: [...new Set([...idsOf('instance'), ...used])],
    applications: [...new Set(idsOf('application'))],
    teams: [...new Set(idsOf('team'))],
  })
}

/** The record as its owner sees it. @param now epoch ms */
function present(row: TokenRow, names: TargetNames, now: number): Token {
  const nameOf = { instance: names.instances, application: names.applications, team: names.teams }
  const role = roleFromLevel(row.roleLevel)
  if (!role) throw new TypeError(`token ${row.id} has the unknown role level ${row.roleLevel}`)

  return {
    id: row.id,
    selector: row.selector,
    name: row.name,
    description: row.description,
    role,
    readOnly: row.readOnly,
    grants: (row.grants ?? []).map(({ type, targetId }) => ({
      type,
      id: targetId,
      name: nameOf[type].get(targetId) ?? null,
    })),
    state: stateOf(row, now),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUse:
      row.lastUsedAt && row.lastUsedInstanceId
        ? {
            at: row.lastUsedAt.toISOString(),
            instanceId: row.lastUsedInstanceId,
            instanceName: names.instances.get(row.lastUsedInstanceId) ?? null,
          }
        : null,
  }
}

function stateOf({ revokedAt, expiresAt }: TokenRow, now: number): TokenState {
  if (revokedAt) return 'revoked'
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'active'
}
