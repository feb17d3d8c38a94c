import type { FastifyBaseLogger } from 'fastify'
import { Op, type Sequelize } from 'sequelize'

import type { Task } from '../housekeeping/task.ts'
import { composeMail, isPlainAddress, type Recipient } from './mail.ts'
import type { Mailer } from './mailer.ts'
import { contentOf, defineNoticeModel, KNOWN_KINDS, type NoticeModel, type NoticeRow } from './model.ts'

export interface OutboxOptions {
  db: Sequelize
  /** Null without an SMTP server: notices then appear on the page and in the log. */
  mailer: Mailer | null
  /** Addresses and names of the people who exist and may be written to. */
  emailOf(userIds: string[]): Promise<Map<string, Recipient>>
  /** The forge's own address, with its mount path. */
  forgeUrl: string
  log: FastifyBaseLogger
}

const PER_RUN = 50
/** With the waits below, for a little over a day. */
const MAX_ATTEMPTS = 8
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 12 * 3_600_000

/** Mails what people were told. The table of notices is the outbox: whoever tells something waits for no mail server. */
export function outboxTask(options: OutboxOptions): Task {
  const Notice = defineNoticeModel(options.db)
  return {
    name: 'outbox',
    everySeconds: 30,
    async run(now, shouldStop) {
      const due = await Notice.findAll({
        where: { kind: KNOWN_KINDS, mailDueAt: { [Op.lte]: now } },
        order: ['mailDueAt', 'id'],
        limit: PER_RUN,
      })
      if (due.length === 0) return

      const people = await options.emailOf([...new Set(due.map(({ userId }) => userId))])
      for (const notice of due) {
        if (shouldStop() || !(await deliver(Notice, notice, { ...options, people, now }))) return
      }
    },
  }
}

interface Round extends OutboxOptions {
  people: Map<string, Recipient>
  now: Date
}

/**
 * Claims one notice, sends it, and writes down what became of it. A process that dies in between has sent it or not:
 * it is sent again after the wait, under the same message id.
 * @returns false when there is no point in going on with others now
 */
async function deliver(Notice: NoticeModel, notice: NoticeRow, round: Round): Promise<boolean> {
  if (!(await claim(Notice, notice, round.now))) return true

  const about = { noticeId: notice.id, userId: notice.userId, kind: notice.kind }
  if (!round.mailer) {
    round.log.info(about, 'a notice waits on the page')
    await settle(Notice, notice)
    return true
  }

  const to = round.people.get(notice.userId)
  if (!to || !isPlainAddress(to.email)) {
    round.log.warn(about, 'a notice is not mailed: there is no address to write to')
    await settle(Notice, notice)
    return true
  }

  const delivery = await round.mailer.send(composeMail(notice.id, contentOf(notice), to, round.forgeUrl))
  if (delivery.outcome === 'sent') {
    await settle(Notice, notice, round.now)
    return true
  }

  const attempts = notice.mailAttempts + 1
  const givenUp = delivery.outcome === 'refused' || attempts >= MAX_ATTEMPTS
  if (givenUp) await settle(Notice, notice)
  const outcome = givenUp ? 'a mail is given up' : 'a mail was not sent and will be tried again'
  round.log.warn({ ...about, ...delivery.detail, attempts }, outcome)
  return delivery.outcome !== 'away'
}

/**
 * Takes this attempt for this process, by one conditional write, and sets the time of the next. It compares counts, not
 * times: forges whose clocks differ never make the same attempt twice.
 */
async function claim(Notice: NoticeModel, { id, mailAttempts }: NoticeRow, now: Date): Promise<boolean> {
  const [claimed] = await Notice.update(
    { mailAttempts: mailAttempts + 1, mailDueAt: new Date(now.getTime() + waitAfter(mailAttempts)) },
    { where: { id, mailAttempts, mailDueAt: { [Op.ne]: null } } },
  )
  return claimed === 1
}

/** Takes a notice out of the outbox. */
async function settle(Notice: NoticeModel, { id }: NoticeRow, mailedAt: Date | null = null): Promise<void> {
  await Notice.update({ mailedAt, mailDueAt: null }, { where: { id } })
}

/** Milliseconds until the attempt after the next: a minute, then four times as long each time, up to half a day. */
function waitAfter(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 4 ** attempts, LONGEST_WAIT_MS)
}
