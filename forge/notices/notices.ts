import { literal, Op, type WhereOptions } from 'sequelize'

import type { Notice, NoticePage, NoticeQuery } from '../contract/notice.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { readCursor, unknownCursor, writeCursor } from '../sql/cursor.ts'
import { contentOf, KNOWN_KINDS, type NoticeModel, type NoticeRow } from './model.ts'
import { wordsFor } from './words.ts'

const DEFAULT_LIMIT = 50
const UNREAD_FIRST = 'CASE WHEN read_at IS NULL THEN 0 ELSE 1 END'

/** What a person was told: unread first, and in each part the newest first. */
export async function listNotices(Notice: NoticeModel, userId: string, page: NoticeQuery): Promise<NoticePage> {
  const limit = page.limit ?? DEFAULT_LIMIT
  const mine: WhereOptions<NoticeRow> = { userId, kind: KNOWN_KINDS }
  const where = page.cursor === undefined ? mine : { [Op.and]: [mine, after(page.cursor)] }

  const [count, unread, rows] = await Promise.all([
    Notice.count({ where: mine }),
    Notice.count({ where: { ...mine, readAt: null } }),
    Notice.findAll({
      where,
      order: [
        [literal(UNREAD_FIRST), 'ASC'],
        ['createdAt', 'DESC'],
        ['id', 'DESC'],
      ],
      limit: limit + 1,
    }),
  ])

  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { meta: last ? { next_cursor: cursorOf(last) } : {}, count, unread, notices: shown.map(present) }
}

/** Reading twice changes nothing. @throws {ForgeError} not_found, also for another person's */
export async function markRead(Notice: NoticeModel, userId: string, id: string): Promise<void> {
  const mine = { id, userId }
  const [marked] = await Notice.update({ readAt: new Date() }, { where: { ...mine, readAt: null } })
  if (marked === 0 && (await Notice.count({ where: mine })) === 0) {
    throw new ForgeError('not_found', 'You have no such notice.')
  }
}

/** Marks all of a person's notices. */
export async function markAllRead(Notice: NoticeModel, userId: string): Promise<void> {
  await Notice.update({ readAt: new Date() }, { where: { userId, readAt: null } })
}

function present(row: NoticeRow): Notice {
  const content = contentOf(row)
  return {
    id: row.id,
    ...content,
    ...wordsFor(content),
    createdAt: row.createdAt.toISOString(),
    readAt: row.readAt?.toISOString() ?? null,
  }
}

/** The place of a row in the list: a page begins there even when something new was told meanwhile. */
function cursorOf({ readAt, createdAt, id }: NoticeRow): string {
  return `${readAt ? 'read' : 'unread'}_${writeCursor({ createdAt, id })}`
}

/** @throws {ForgeError} invalid_request for a cursor that no list gave out */
function after(cursor: string): WhereOptions<NoticeRow> {
  const [part, place] = /^(read|unread)_(.+)$/.exec(cursor)?.slice(1) ?? []
  if (!part || !place) throw unknownCursor()

  const { createdAt, id } = readCursor(place)
  const older = { [Op.or]: [{ createdAt: { [Op.lt]: createdAt } }, { createdAt, id: { [Op.lt]: id } }] }
  const read = { readAt: { [Op.ne]: null } }
  return part === 'read' ? { [Op.and]: [read, older] } : { [Op.or]: [{ [Op.and]: [{ readAt: null }, older] }, read] }
}
