import { Op, type Sequelize, type WhereOptions } from 'sequelize'

import type { PageQuery } from '../contract/common.ts'
import type { Token, TokenPage } from '../contract/token.ts'
import { readCursor, writeCursor } from '../sql/cursor.ts'
import type { TokenRow } from './model.ts'
import { presentTokens, TOKEN_DETAILS } from './present.ts'
import { noSuchToken, type TokenStore } from './store.ts'

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
      include: TOKEN_DETAILS,
      order: [
        ['createdAt', 'DESC'],
        ['id', 'DESC'],
      ],
      limit: limit + 1,
    }),
  ])

  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    meta: last ? { next_cursor: writeCursor(last) } : {},
    count,
    tokens: await presentTokens(store.directory, shown, Date.now()),
  }
}

/** One of the person's own tokens. @throws {ForgeError} not_found, also for another person's */
export async function getToken({ models, directory }: TokenStore, ownerId: string, id: string): Promise<Token> {
  const row = await models.Token.findOne({ where: { id, userId: ownerId }, include: TOKEN_DETAILS })
  const [token] = row ? await presentTokens(directory, [row], Date.now()) : []
  if (!token) throw noSuchToken()

  return token
}

/** Names that contain the text, in any case. Not LIKE, whose wildcards people would have to know. */
function nameContains(db: Sequelize, text: string): WhereOptions<TokenRow> {
  const find = db.getDialect() === 'sqlite' ? 'instr' : 'strpos'
  return db.where(db.fn(find, db.fn('lower', db.col('PatToken.name')), text.toLowerCase()), Op.gt, 0)
}

/** The tokens after the one that a cursor names, in the list's order. @throws {ForgeError} invalid_request */
function olderThan(cursor: string): WhereOptions<TokenRow> {
  const { createdAt, id } = readCursor(cursor)
  return { [Op.or]: [{ createdAt: { [Op.lt]: createdAt } }, { createdAt, id: { [Op.lt]: id } }] }
}
